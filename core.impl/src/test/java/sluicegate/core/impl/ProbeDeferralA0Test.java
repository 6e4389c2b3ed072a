package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Group;
import sluicegate.api.Unit;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DomainType;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;

/**
 * Thread "IOMMU probe deferral V3", add and remove versus bind and unbind (November 2016), scenario by scenario: groups keep
 * one reference for each member, and a driver that is unbound is not a device that is removed.
 */
class ProbeDeferralA0Test extends CoreFixture {
    private static final DeviceDriver E1000E = DeviceDriver.named("e1000e");
    private static final DeviceDriver VFIO = new DeviceDriver("vfio-pci", true);

    @Test
    void a0_1_aGroupOfTwoIsFreedOnceWhenBothAreGoneInEitherOrder() {
        for (var first : List.of(0, 1)) {
            var devices = List.of(machine.bus.put(machine.bus.pci("00:06.0").multi(), dmar0),
                    machine.bus.put(machine.bus.pci("00:06.1").multi(), dmar0));
            if (first == 0) {
                boot();
            }
            assertThat(names(core.group(0).devices())).containsExactly("0000:00:06.0", "0000:00:06.1");
            assertThat(references(0)).as("one reference for each member").isEqualTo(2);
            machine.bus.remove(devices.get(first));
            assertThat(names(core.group(0).devices())).containsExactly(devices.get(1 - first).name());
            assertThat(references(0)).isEqualTo(1);
            machine.bus.remove(devices.get(1 - first));
            assertThat(core.groups()).isEmpty();
            assertThat(core.domains()).extracting(d -> d.name()).containsExactly("dmar0-identity", "dmar0-blocked");
        }
        assertThat(core.unit("dmar0").problem()).isEmpty();
    }

    private int references(int group) {
        return ((CoreGroup) core.group(group)).references().count();
    }

    @Test
    void a0_2_aGroupReturnedWithoutReferenceIsReportedAndNotFreedEarly() {
        var remembered = new AtomicReference<DeviceGroup>();
        driver.grouping = (device, groups) -> {
            if (remembered.get() == null) {
                remembered.set(groups.genericDeviceGroup(device));
            }
            return remembered.get(); // the second time without a reference
        };
        var first = machine.bus.put("00:01.0", dmar0);
        var second = machine.bus.put("00:02.0", dmar0);
        boot();
        assertThat(core.unit("dmar0").problem()).hasValueSatisfying(p -> assertThat(p).contains("without a reference"));
        machine.bus.remove(first);
        assertThat(names(core.group(0).devices())).containsExactly("0000:00:02.0");
        machine.bus.remove(second);
        assertThat(core.groups()).isEmpty();
    }

    @Test
    void a0_2_aReferenceTooManyThatIsGivenBackIsReportedAndFreesNothing() {
        var handed = new AtomicReference<DeviceGroup>();
        driver.grouping = (device, groups) -> {
            handed.set(groups.genericDeviceGroup(device));
            return handed.get();
        };
        var slot = machine.bus.put("00:01.0", dmar0);
        boot();
        handed.get().release(); // it is the member's
        assertThat(core.unit("dmar0").problem()).hasValueSatisfying(p -> assertThat(p).contains("reference"));
        assertThat(names(core.group(0).devices())).containsExactly("0000:00:01.0");
        assertThat(references(0)).isEqualTo(1);
        machine.bus.remove(slot);
        assertThat(core.groups()).isEmpty();
        failing(() -> handed.get().release(), Errno.EINVAL);
        failing(() -> handed.get().reference(), Errno.EINVAL);
    }

    @Test
    void a0_3_unbindingTheDevicesDriverChangesNothingButWhoDrivesIt() {
        machine.bus.put("00:02.0", dmar0);
        boot();
        var device = device("00:02.0");
        var group = device.group().orElseThrow();
        var domain = device.domain();
        device.bind(E1000E);
        assertThat(device.deviceDriver()).contains(E1000E);
        var before = List.copyOf(driver.log);
        var entry = hardware("00:02.0");

        device.unbind();
        assertThat(device.deviceDriver()).isEmpty();
        assertThat(device.group()).contains(group);
        assertThat(group.id()).isZero();
        assertThat(device.domain()).isEqualTo(domain);
        assertThat(device.state()).isEqualTo(Device.State.READY);
        assertThat(device.hasIommu()).isTrue();
        assertThat(hardware("00:02.0")).as("its stream entry").isSameAs(entry);
        assertThat(driver.log).as("nothing was asked of the IOMMU's driver").isEqualTo(before);
        assertThat(failing(device::unbind, Errno.ENODEV)).hasMessageContaining("bound to no driver");
    }

    @Test
    void a0_4_anUnboundDeviceReachesNothingThatWasUnmapped() {
        machine.bus.put("00:02.0", dmar0);
        boot();
        var device = device("00:02.0");
        device.bind(E1000E);
        var dma = device.domain().orElseThrow();
        dma.map(0x10000, 0x5000, K4, Prot.READ | Prot.WRITE);
        assertThat(hardware("00:02.0").iovaToPhys(0x10000)).isEqualTo(0x5000);
        dma.unmap(0x10000, K4);
        device.unbind();

        assertThat(hardware("00:02.0").type()).as("not passed through").isNotEqualTo(DomainType.IDENTITY);
        assertThat(hardware("00:02.0").pages).as("what it could reach").isEmpty();
        assertThat(hardware("00:02.0").stale).as("what the hardware remembers").isEmpty();
    }

    @Test
    void a0_4_onRequestDevicesAbortOnceTheirLastDriverIsUnbound() {
        core.setAbortUnbound(true);
        machine.bus.put(machine.bus.pci("00:06.0").multi(), dmar0);
        machine.bus.put(machine.bus.pci("00:06.1").multi(), dmar0);
        boot();
        var one = device("00:06.0");
        var other = device("00:06.1");
        var own = core.group(0).domain();
        assertThat(hardware("00:06.0").type()).as("never bound").isNotEqualTo(DomainType.BLOCKED);
        one.bind(E1000E);
        other.bind(E1000E);
        one.unbind();
        assertThat(core.group(0).domain()).as("the other still uses it").isSameAs(own);
        other.unbind();
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.BLOCKED);
        assertThat(hardware("00:06.1").type()).isEqualTo(DomainType.BLOCKED);
        assertThat(core.group(0).defaultDomain()).contains(own);

        one.bind(E1000E);
        assertThat(core.group(0).domain()).isSameAs(own);
        assertThat(hardware("00:06.1").type()).isNotEqualTo(DomainType.BLOCKED);
        one.unbind();
        core.group(0).claim("vm");
        core.group(0).release("vm");
        assertThat(core.group(0).domain()).isSameAs(own);
    }

    @Test
    void a0_4_aDeviceWhoseMemoryFirmwareWantsMappedDoesNotAbort() {
        core.setAbortUnbound(true);
        driver.reserved = device -> List.of(new ReservedRegion(0xe0000, K4, Prot.READ | Prot.WRITE, ReservedRegion.Type.DIRECT));
        machine.bus.put("00:02.0", dmar0);
        boot();
        device("00:02.0").bind(E1000E);
        device("00:02.0").unbind();
        assertThat(hardware("00:02.0").pages).containsOnlyKeys(0xe0000L);
    }

    @Test
    void a0_5_groupNumbersDoNotDependOnTheOrderOfUnbindAndRebind() {
        for (int slot = 1; slot <= 3; slot++) {
            machine.bus.put("00:0" + slot + ".0", dmar0);
        }
        boot();
        var devices = core.devices();
        var numbers = devices.stream().map(d -> d.group().map(Group::id)).toList();
        devices.forEach(device -> device.bind(E1000E));
        for (int i = devices.size() - 1; i >= 0; i--) {
            devices.get(i).unbind();
        }
        for (var device : devices) {
            device.bind(VFIO);
            device.group().orElseThrow().claim("vm");
        }
        assertThat(devices.stream().map(d -> d.group().map(Group::id)).toList()).isEqualTo(numbers);
        devices.forEach(device -> {
            device.group().orElseThrow().release("vm");
            device.unbind();
            device.bind(E1000E);
        });
        assertThat(devices.stream().map(d -> d.group().map(Group::id)).toList()).isEqualTo(numbers);
        failing(() -> core.group(0).claim("vm"), Errno.EPERM);
    }

    @Test
    void a0_6_removalReleasesTheDeviceAndFreesTheLowestGroupNumber() {
        var two = machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar0);
        boot();
        var handle = device("00:02.0");
        handle.bind(E1000E);
        machine.bus.remove(two);

        assertThat(handle.state()).isEqualTo(Device.State.GONE);
        assertThat(handle.group()).isEmpty();
        assertThat(handle.deviceDriver()).as("its driver was unbound").isEmpty();
        assertThat(driver.log).contains("release 0000:00:02.0");
        failing(() -> core.allocateDomain(handle, Set.of()), Errno.ENODEV);
        failing(() -> handle.bind(E1000E), Errno.ENODEV);
        machine.bus.put("00:04.0", dmar0);
        assertThat(device("00:04.0").group().map(Group::id)).contains(0);
    }

    @Test
    void a0_6_theMembersThatStayCanBeClaimedAfterOneThatWasBoundIsRemoved() {
        var one = machine.bus.put(machine.bus.pci("00:06.0").multi(), dmar0);
        machine.bus.put(machine.bus.pci("00:06.1").multi(), dmar0);
        boot();
        device("00:06.0").bind(E1000E);
        machine.bus.remove(one);
        core.group(0).claim("vm");
        assertThat(core.group(0).owner()).contains("vm");
        core.group(0).release("vm");
    }

    @Test
    void a0_7_aStreamNobodyKnowsFollowsTheUnitsPolicyNotThatOfUnboundDevices() {
        driver.unknownStreams = DomainType.IDENTITY;
        var pci = machine.bus.put("00:02.0", dmar0);
        boot();
        int stream = pci.address().requesterId();
        device("00:02.0").bind(E1000E);
        device("00:02.0").unbind();
        assertThat(driver.bound.get("dmar0").ofStream(stream)).as("known and unbound").isEqualTo(DomainType.UNMANAGED);
        assertThat(driver.bound.get("dmar0").ofStream(0x7777)).as("known to nobody").isEqualTo(DomainType.IDENTITY);
        core.setAbortUnbound(true);
        device("00:02.0").bind(E1000E);
        device("00:02.0").unbind();
        assertThat(driver.bound.get("dmar0").ofStream(stream)).isEqualTo(DomainType.BLOCKED);
        machine.bus.remove(pci);
        assertThat(driver.bound.get("dmar0").ofStream(stream)).as("removed, so unknown again").isEqualTo(DomainType.IDENTITY);
    }

    @Test
    void a0_8_whoeverDescribesTheDeviceItDefersAndIsProbedInTheSameWay() {
        // ACPI tables name requester ids, device trees stream ids; from there on there is one path.
        var pci = machine.bus.put("00:02.0", dmar0);
        var tree = machine.platform.platform("2b400000.ethernet", dmar0, 0x801);
        assertDeferredThenProbed(List.of(pci, tree));
        assertThat(driver.log).containsSubsequence("xlate 0000:00:02.0 [16]", "xlate 2b400000.ethernet [2049]");
    }

    @Test
    void a0_9_pciAndPlatformDevicesDefer() {
        var bridge = machine.bus.pci("00:1c.0").type(sluicegate.api.platform.PciFunction.PcieType.ROOT_PORT).acs(0x1d).buses(1, 1);
        assertDeferredThenProbed(List.of(machine.bus.put(bridge, dmar0), machine.bus.put(machine.bus.pci("01:00.0").below(bridge), dmar0),
                machine.platform.platform("fb000000.dma", dmar0, 1, 2)));
        assertThat(core.groups()).hasSize(3);
    }

    private void assertDeferredThenProbed(List<BusDevice> devices) {
        core.addUnit(dmar0);
        core.addBus(machine.bus);
        core.addBus(machine.platform);
        for (var each : devices) {
            var device = core.device(each.name());
            assertThat(device.state()).isEqualTo(Device.State.DEFERRED);
            assertThat(device.unit().map(Unit::state)).contains(Unit.State.WAITING);
            assertThat(device.group()).isEmpty();
            assertThat(failing(() -> device.bind(E1000E), Errno.EPROBE_DEFER)).hasMessageContaining("fake,iommu");
        }
        core.addDriver(entry);
        for (var each : devices) {
            var device = core.device(each.name());
            assertThat(device.state()).isEqualTo(Device.State.READY);
            device.bind(E1000E);
            assertThat(device.deviceDriver().map(DeviceDriver::name)).isEqualTo(Optional.of("e1000e"));
        }
    }
}
