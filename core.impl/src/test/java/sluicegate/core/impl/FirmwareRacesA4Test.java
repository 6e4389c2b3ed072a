package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Iommu;
import sluicegate.api.Unit;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.fake.FakeMachine;
import sluicegate.core.impl.fake.FakeUnit;

/**
 * Thread "Solve iommu probe races around iommu_fwspec" (November 2023), scenario by scenario: firmware is read and ids are
 * translated by the IOMMU's own probe, once; a device's driver at most waits.
 */
class FirmwareRacesA4Test extends CoreFixture {
    private static final DeviceDriver NIC = DeviceDriver.named("nic");

    @Test
    void a4_1_devicesUnitsDriversAndBindsRaceAndEachDeviceIsProbedOnce() throws Exception {
        for (int round = 0; round < 30; round++) {
            var core = new IommuCore();
            var driver = new FakeDriver("fake");
            var machine = new FakeMachine("m");
            var parsed = new AtomicInteger();
            var units = new ArrayList<FakeUnit>();
            for (int i = 0; i < 4; i++) {
                units.add(machine.unit("dmar" + i));
            }
            machine.bus.onConfigure = device -> parsed.incrementAndGet();
            core.addBus(machine.bus);
            var tasks = new ArrayList<Callable<Void>>();
            for (int t = 0; t < 4; t++) {
                int bus = t;
                tasks.add(() -> {
                    for (int slot = 0; slot < 32; slot++) {
                        machine.bus.put(String.format("%02x:%02x.0", bus, slot), units.get((slot + bus) % 4));
                    }
                    return null;
                });
            }
            tasks.add(() -> {
                units.forEach(core::addUnit);
                return null;
            });
            tasks.add(() -> {
                core.addDriver(driver.entry(0));
                return null;
            });
            tasks.add(() -> {
                for (int bound = 0; bound < 128;) {
                    for (var device : core.devices()) {
                        bound += device.deviceDriver().isEmpty() && bind(device) ? 1 : 0;
                    }
                }
                return null;
            });
            Together.run(tasks);

            assertThat(core.devices()).hasSize(128).extracting(Device::state).containsOnly(Device.State.READY);
            assertThat(parsed).as("firmware was read").hasValue(128);
            assertThat(driver.probes).hasSize(128).allSatisfy((name, count) -> assertThat(count).hasValue(1));
            assertThat(driver.log.stream().filter(line -> line.startsWith("xlate"))).hasSize(128).doesNotHaveDuplicates();
            Invariants.hold(core);
            core.close();
            assertThat(driver.violations).isEmpty();
        }
    }

    private static boolean bind(Device device) {
        try {
            device.bind(NIC);
            assertThat(device.group().orElseThrow().defaultDomain()).as("never without a domain for DMA").isPresent();
            return true;
        } catch (IommuException e) {
            assertThat(e.errno()).isEqualTo(Errno.EPROBE_DEFER);
            return false;
        }
    }

    @Test
    void a4_2_aDeviceBeforeItsIommuDefersAndIsProbedWithoutAnyoneTouchingIt() {
        machine.bus.put("00:02.0", dmar0);
        core.addBus(machine.bus);
        var device = device("00:02.0");
        assertThat(device.state()).isEqualTo(Device.State.DEFERRED);
        assertThat(device.unit()).as("not even published").isEmpty();
        assertThat(device.group()).isEmpty();
        failing(() -> device.bind(NIC), Errno.EPROBE_DEFER);
        core.addUnit(dmar0);
        assertThat(device.unit().map(Unit::name)).contains("dmar0");
        failing(() -> device.bind(NIC), Errno.EPROBE_DEFER);
        assertThat(device.deviceDriver()).as("a bind that failed leaves nothing").isEmpty();

        core.addDriver(entry);
        assertThat(device.state()).isEqualTo(Device.State.READY);
        assertThat(device.group()).isPresent();
        device.bind(NIC);
    }

    @Test
    void a4_2_whatWaitsForTooLongSaysSoAndIsTakenAllTheSameWhenTheDriverComes() {
        core.setDeferralBound(Duration.ofMillis(20));
        machine.bus.put("00:02.0", dmar0);
        core.addBus(machine.bus);
        core.addUnit(dmar0);
        var device = device("00:02.0");
        Together.await(() -> device.problem().orElse("").contains("20 ms"));
        assertThat(device.state()).isEqualTo(Device.State.DEFERRED);
        assertThat(failing(() -> device.bind(NIC), Errno.ETIMEDOUT)).hasMessageContaining("fake,iommu");
        core.addDriver(entry);
        assertThat(device.state()).isEqualTo(Device.State.READY);
        assertThat(device.problem()).isEmpty();
        device.bind(NIC);
    }

    @Test
    void a4_3_eachIdIsTranslatedOnceWhateverIsReplayed() {
        var device = machine.bus.pci("00:02.0");
        var parsed = new AtomicInteger();
        machine.bus.onConfigure = each -> parsed.incrementAndGet();
        machine.bus.add(device, Optional.of(new DmaDescription(dmar0, List.of(List.of(0x10), List.of(0x11), List.of(0x10)), false)));
        core.addBus(machine.bus);
        core.addUnit(dmar0);
        core.addUnit(machine.unit("dmar1"));
        core.addDriver(new FakeDriver("stranger").entry(5, "other,iommu"));
        core.addDriver(entry);
        assertThat(driver.log.stream().filter(line -> line.startsWith("xlate")))
                .containsExactly("xlate 0000:00:02.0 [16]", "xlate 0000:00:02.0 [17]", "xlate 0000:00:02.0 [16]");
        assertThat(driver.bound.get("dmar0").ids("0000:00:02.0")).as("no id twice").containsExactly(0x10, 0x11);
        assertThat(parsed).hasValue(1);

        core.removeDriver(entry);
        core.addDriver(driver.entry(0));
        assertThat(parsed).as("the next driver gets what was read before").hasValue(1);
        assertThat(driver.bound.get("dmar0").ids("0000:00:02.0")).containsExactly(0x10, 0x11);
    }

    @Test
    void a4_4_aRegistrationThatFailsHalfWayIsUndoneAndTheNextDriverHasItsTurn() {
        var broken = new FakeDriver("broken");
        broken.onProbeDevice = device -> {
            if (device.name().endsWith("03.0")) {
                throw new NoClassDefFoundError("broken/Tables");
            }
        };
        for (int slot = 1; slot <= 4; slot++) {
            machine.bus.put("00:0" + slot + ".0", dmar0);
        }
        core.addBus(machine.bus);
        core.addUnit(dmar0);
        core.addDriver(broken.entry(10));
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.FAILED);
        assertThat(core.unit("dmar0").problem()).hasValueSatisfying(p -> assertThat(p).contains("broken/Tables"));
        assertThat(core.unit("dmar0").driver()).isEmpty();
        assertThat(broken.log).contains("release 0000:00:01.0", "release 0000:00:04.0", "leave dmar0 BLOCK");
        assertThat(broken.domainsAlive).hasValue(0);
        assertThat(core.devices()).extracting(Device::hasIommu).containsOnly(false);

        core.addDriver(entry);
        assertThat(core.devices()).extracting(Device::state).containsOnly(Device.State.READY);
        assertThat(core.groups()).hasSize(4);
        assertThat(broken.violations).isEmpty();
    }

    @Test
    void a4_4_theNextDriverThatIsThereAlreadyHasItsTurnAtOnce() {
        var broken = new FakeDriver("broken");
        broken.onProbeDevice = device -> {
            throw new NoClassDefFoundError("broken/Tables");
        };
        machine.bus.put("00:02.0", dmar0);
        core.addBus(machine.bus);
        core.addDriver(entry);
        core.addDriver(broken.entry(10));
        core.addUnit(dmar0);
        assertThat(broken.log).contains("leave dmar0 BLOCK");
        assertThat(core.unit("dmar0").driver().map(Iommu.DriverInfo::name)).contains("fake");
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.READY);
    }

    @Test
    void a4_4_aDriverWithoutABlockedDomainIsUnregisteredBeforeAnyDeviceIsProbed() {
        driver.noBlockedDomain = true;
        machine.bus.put("00:02.0", dmar0);
        boot();
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.FAILED);
        assertThat(driver.log).contains("leave dmar0 BLOCK").noneMatch(line -> line.startsWith("xlate"));
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.DEFERRED);
    }

    @Test
    void a4_5_whileItsIommuIsStillRegisteringADeviceIsNotHalfConfigured() {
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar0);
        var seen = new AtomicReference<IommuException>();
        driver.onProbeDevice = device -> {
            if (device.name().endsWith("03.0")) { // the first one was probed, but nothing is attached yet
                seen.set(elsewhere(() -> failing(() -> device("00:02.0").bind(NIC), Errno.EPROBE_DEFER)));
            }
        };
        boot();
        assertThat(seen.get()).hasMessageContaining("0000:00:02.0");
        device("00:02.0").bind(NIC);
    }

    @Test
    void a4_6_aBindThatRacesWithTheGroupsFinalisationDefers() {
        machine.bus.put("00:02.0", dmar0);
        var seen = new ArrayList<IommuException>();
        driver.onAttach = (device, domain) -> {
            if (seen.isEmpty()) {
                var group = core.group(0);
                assertThat(group.defaultDomain()).isEmpty();
                seen.add(failing(() -> core.device(device.name()).bind(NIC), Errno.EPROBE_DEFER));
                seen.add(failing(() -> group.attach(core.unit("dmar0").devices().get(0).domain().orElseThrow()),
                        Errno.EPROBE_DEFER));
            }
        };
        boot();
        assertThat(seen).hasSize(2);
        assertThat(device("00:02.0").deviceDriver()).isEmpty();
        assertThat(core.group(0).domain()).isSameAs(core.group(0).defaultDomain().orElseThrow());
    }

    @Test
    void a4_7_aDescriptionThatMakesNoSenseConcernsItsDeviceOnlyWhichGoesOnWithout() {
        var bad = machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar0);
        machine.bus.parser = device -> {
            if (device == bad) {
                throw new IommuException(Errno.EINVAL, "DMAR: scope at 0x40 is truncated");
            }
            return Optional.of(new DmaDescription(dmar0, List.of(List.of(0x18)), false));
        };
        boot();
        var device = device("00:02.0");
        assertThat(device.state()).isEqualTo(Device.State.FAILED);
        assertThat(device.problem()).hasValueSatisfying(p -> assertThat(p).contains("truncated"));
        assertThat(device.unit()).isEmpty();
        assertThat(((CoreDevice) device).description()).as("nothing is kept of it").isEmpty();
        device.bind(NIC);
        assertThat(device("00:03.0").state()).isEqualTo(Device.State.READY);
    }

    @Test
    void a4_7_firmwareThatCannotSayYetDefersTheDeviceAndIsAskedAgain() {
        machine.bus.put("00:02.0", dmar0);
        var ready = new AtomicReference<>(false);
        machine.bus.parser = device -> {
            if (!ready.get()) {
                throw new IommuException(Errno.EPROBE_DEFER, "the unit's node has no driver");
            }
            return Optional.of(new DmaDescription(dmar0, List.of(List.of(0x10)), false));
        };
        core.addBus(machine.bus);
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.DEFERRED);
        ready.set(true);
        core.addUnit(dmar0);
        core.addDriver(entry);
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.READY);
    }

    @Test
    void aDriverThatCannotTakeADeviceYetIsAskedAgainWhenAnotherUnitRegisters() {
        machine.bus.put("00:02.0", dmar0);
        var ready = new AtomicReference<>(false);
        driver.onProbeDevice = device -> {
            if (!ready.get()) {
                throw new IommuException(Errno.EPROBE_DEFER, "its power domain is not there yet");
            }
        };
        boot();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.DEFERRED);
        assertThat(failing(() -> device("00:02.0").bind(NIC), Errno.EPROBE_DEFER)).hasMessageContaining("power domain");
        ready.set(true);
        core.addUnit(machine.unit("dmar1"));
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.READY);
    }

    private static <T> T elsewhere(java.util.function.Supplier<T> call) {
        return CompletableFuture.supplyAsync(call).join();
    }
}
