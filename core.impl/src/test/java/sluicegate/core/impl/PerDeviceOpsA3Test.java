package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.driver.Capability;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.core.impl.fake.FakeDriver;

/**
 * Thread "iommu_present and per-device ops" (July 2017), scenario by scenario: what an IOMMU can do is asked for a device, never
 * for a bus, and a group alone says nothing.
 */
class PerDeviceOpsA3Test extends CoreFixture {
    private final FakeDriver other = new FakeDriver("other");

    @AfterEach
    void theOtherDriverIsContentToo() {
        core.close();
        assertThat(other.violations).isEmpty();
        assertThat(other.domainsAlive).hasValue(0);
    }

    @Test
    void a3_1_ofTwoPlatformDevicesOneIsBehindAnIommu() {
        machine.platform.platform("2b400000.ethernet", dmar0, 1);
        machine.platform.platformUntranslated("2b500000.timer");
        boot();
        assertThat(device("2b400000.ethernet").hasIommu()).isTrue();
        assertThat(device("2b400000.ethernet").group()).isPresent();
        assertThat(device("2b500000.timer").hasIommu()).isFalse();
        assertThat(device("2b500000.timer").state()).isEqualTo(Device.State.NO_IOMMU);
        assertThat(device("2b500000.timer").group()).isEmpty();
        device("2b500000.timer").bind(DeviceDriver.named("timer"));
    }

    @Test
    void a3_2_inAGroupWithoutIommuEverythingFailsCleanly() {
        machine.bus.put("00:02.0", dmar0);
        machine.bus.putUntranslated("00:03.0");
        boot();
        var device = device("00:03.0");
        var group = core.makeNoIommuGroup(device);
        assertThat(core.makeNoIommuGroup(device)).as("made once").isSameAs(group);
        assertThat(device.group()).contains(group);
        assertThat(core.group(group.id())).isSameAs(group);
        assertThat(core.groups()).hasSize(2);
        assertThat(names(group.devices())).containsExactly("0000:00:03.0");
        assertThat(group.hasIommu()).isFalse();
        assertThat(group.name()).contains("no-iommu");
        assertThat(core.group(0).hasIommu()).isTrue();

        assertThat(device.hasIommu()).isFalse();
        assertThat(device.domain()).isEmpty();
        assertThat(group.defaultDomain()).isEmpty();
        assertThat(group.reservedRegions()).isEmpty();
        var domain = domainFor("00:02.0");
        failing(group::domain, Errno.ENODEV);
        failing(() -> group.attach(domain), Errno.EINVAL);
        failing(group::detach, Errno.EINVAL);
        failing(() -> group.claim("vm"), Errno.EINVAL);
        failing(() -> domain.attach(device), Errno.EINVAL);
        failing(() -> domain.attach(device, 1), Errno.EINVAL);
        failing(() -> domain.detach(device), Errno.EINVAL);
        failing(() -> core.allocateDomain(device, Set.of()), Errno.ENODEV);
        failing(() -> device.translate(Pasid.NONE, 0, false), Errno.ENODEV);
        failing(() -> device.walk(Pasid.NONE, 0), Errno.ENODEV);
        assertThat(device.capable(Capability.CACHE_COHERENCY)).isFalse();
    }

    @Test
    void a3_3_twoDriversOfDifferentKindsServeOneBus() {
        var smmu = machine.unit("smmu0");
        smmu.compatible = "other,iommu";
        other.capabilities = Set.of(Capability.DIRTY_TRACKING);
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", smmu);
        core.addDriver(other.entry(100, "other,iommu"));
        core.addUnit(smmu);
        boot();

        assertThat(driver.probes).containsOnlyKeys("0000:00:02.0");
        assertThat(other.probes).containsOnlyKeys("0000:00:03.0");
        assertThat(device("00:02.0").capable(Capability.CACHE_COHERENCY)).isTrue();
        assertThat(device("00:03.0").capable(Capability.CACHE_COHERENCY)).isFalse();
        assertThat(device("00:03.0").capable(Capability.DIRTY_TRACKING)).isTrue();
        var domain = domainFor("00:02.0");
        failing(() -> domain.attach(device("00:03.0")), Errno.EINVAL);
        failing(() -> device("00:03.0").group().orElseThrow().attach(domain), Errno.EINVAL);
        domain.attach(device("00:02.0"));
        domain.detach(device("00:02.0"));
    }

    @Test
    void a3_3_whenTheDriverOfOneKindLeavesTheOtherGoesOn() {
        var smmu = machine.unit("smmu0");
        smmu.compatible = "other,iommu";
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", smmu);
        machine.platform.platform("fb000000.dma", smmu, 1);
        core.addUnit(smmu);
        boot();
        assertThat(device("00:03.0").state()).as("its kind has no driver yet").isEqualTo(Device.State.DEFERRED);
        core.addDriver(other.entry(0, "other,iommu"));
        assertThat(core.devices()).extracting(Device::state).containsOnly(Device.State.READY);
        var domain = domainFor("00:03.0");
        domain.map(0x10000, 0x50000, K4, 3);
        domain.attach(device("00:03.0"));

        core.removeDriver(entry);
        assertThat(device("00:02.0").hasIommu()).isFalse();
        assertThat(domain.iovaToPhys(0x10000)).hasValue(0x50000);
        assertThat(device("fb000000.dma").state()).isEqualTo(Device.State.READY);
        core.addDriver(entry);
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.READY);
        Invariants.hold(core, driver, other);
    }

    @Test
    void a3_3_devicesOfTwoKindsDoNotShareAGroup() {
        var smmu = machine.unit("smmu0");
        smmu.compatible = "other,iommu";
        machine.bus.put(machine.bus.pci("00:02.0").multi(), dmar0);
        machine.bus.put(machine.bus.pci("00:02.1").multi(), smmu);
        core.addDriver(other.entry(0, "other,iommu"));
        core.addUnit(smmu);
        boot();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.READY);
        assertThat(device("00:02.1").state()).isEqualTo(Device.State.FAILED);
        assertThat(device("00:02.1").problem()).hasValueSatisfying(p -> assertThat(p).contains("behind unit smmu0", "of unit dmar0"));
        assertThat(other.log).contains("release 0000:00:02.1");
        Invariants.hold(core, driver, other);
    }

    @Test
    void a3_4_aGroupWithoutIommuIsOnlyForDevicesThatHaveNoneAndTaints() {
        machine.bus.put("00:02.0", dmar0);
        var without = machine.bus.putUntranslated("00:03.0");
        core.addUnit(dmar0);
        core.addBus(machine.bus);
        assertThat(failing(() -> core.makeNoIommuGroup(device("00:02.0")), Errno.EBUSY)).as("it waits for its IOMMU's driver")
                .hasMessageContaining("fake,iommu");
        core.addDriver(entry);
        failing(() -> core.makeNoIommuGroup(device("00:02.0")), Errno.EBUSY);
        assertThat(core.taints()).isEmpty();

        var handle = device("00:03.0");
        var group = core.makeNoIommuGroup(handle);
        assertThat(core.taints()).singleElement().asString().contains("0000:00:03.0", "reaches all memory");
        machine.bus.remove(without);
        assertThat(core.groups()).doesNotContain(group);
        assertThat(handle.group()).isEmpty();
        assertThat(core.taints()).as("what is done is done").hasSize(1);
        failing(() -> core.makeNoIommuGroup(handle), Errno.ENODEV);
    }

    /** As {@code __iommu_probe_device} leaves a device alone that has a group. */
    @Test
    void a3_4_aDeviceInAGroupWithoutIommuStaysThereThoughADriverComesThatWouldTakeIt() {
        driver.onProbeDevice = context -> {
            throw new IommuException(Errno.ENODEV, "not mine");
        };
        machine.bus.put("00:02.0", dmar0);
        var slot = machine.bus.put("00:03.0", dmar0);
        boot();
        assertThat(core.devices()).extracting(Device::state).containsOnly(Device.State.NO_IOMMU);
        var group = core.makeNoIommuGroup(device("00:03.0"));

        core.removeDriver(entry);
        core.addDriver(other.entry(0));
        assertThat(device("00:02.0").state()).as("another driver may know it").isEqualTo(Device.State.READY);
        assertThat(device("00:03.0").state()).isEqualTo(Device.State.NO_IOMMU);
        assertThat(device("00:03.0").group()).contains(group);
        assertThat(other.probes).containsOnlyKeys("0000:00:02.0");
        Invariants.hold(core, driver, other);

        core.removeUnit(dmar0);
        core.addUnit(dmar0);
        assertThat(device("00:03.0").state()).as("neither does another unit").isEqualTo(Device.State.NO_IOMMU);
        Invariants.hold(core, driver, other);

        machine.bus.remove(slot);
        machine.bus.put(slot, dmar0);
        assertThat(device("00:03.0").state()).isEqualTo(Device.State.READY);
        Invariants.hold(core, driver, other);
    }

    /** The group is asked for in the moment in which a driver takes the device. */
    @Test
    void a3_4_noGroupWithoutIommuIsMadeForADeviceThatIsBeingProbed() {
        driver.onProbeDevice = context -> {
            throw new IommuException(Errno.ENODEV, "not mine");
        };
        machine.bus.put("00:02.0", dmar0);
        boot();
        other.onProbeDevice = context -> failing(() -> core.makeNoIommuGroup(device("00:02.0")), Errno.EBUSY);
        core.removeDriver(entry);
        core.addDriver(other.entry(0));
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.READY);
        assertThat(core.groups()).hasSize(1);
    }

    @Test
    void a3_5_aDeviceWithoutIommuHasNoCapability() {
        machine.bus.put("00:02.0", dmar0);
        machine.bus.putUntranslated("00:03.0");
        boot();
        assertThat(device("00:02.0").capable(Capability.CACHE_COHERENCY)).isTrue();
        assertThat(device("00:02.0").capable(Capability.DIRTY_TRACKING)).isFalse();
        for (var capability : Capability.values()) {
            assertThat(device("00:03.0").capable(capability)).isFalse();
        }
        core.removeDriver(entry);
        assertThat(device("00:02.0").capable(Capability.CACHE_COHERENCY)).as("its driver has left").isFalse();
        assertThat(device("00:02.0").hasIommu()).isFalse();
    }
}
