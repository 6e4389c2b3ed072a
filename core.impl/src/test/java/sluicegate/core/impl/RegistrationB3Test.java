package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Unit;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.core.impl.fake.FakeDomain;
import sluicegate.core.impl.fake.FakeDriver;

/** Units that register and devices that are probed: the rows of the semantics reference, B.3, on their errors. */
class RegistrationB3Test extends CoreFixture {
    private static final DeviceDriver NIC = DeviceDriver.named("nic");

    private void failProbing(String device, RuntimeException failure) {
        driver.onProbeDevice = context -> {
            if (context.name().endsWith(device)) {
                throw failure;
            }
        };
    }

    @Test
    void iommu_device_register_goesOnOverDevicesThatAreNotTheDrivers() {
        failProbing("02.0", FakeDomain.error(Errno.ENODEV));
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar0);
        boot();
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.BOUND);
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.NO_IOMMU);
        assertThat(device("00:03.0").state()).isEqualTo(Device.State.READY);
    }

    /** Unlike the kernel, which takes the unit back from its driver. */
    @Test
    void iommu_device_register_goesOnOverADeviceThatCannotBeProbedWhichIsRefusedAllDma() {
        failProbing("02.0", FakeDomain.error(Errno.EIO));
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar0);
        boot();
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.BOUND);
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.FAILED);
        assertThat(driver.bound.get("dmar0").ofStream(0x10)).isEqualTo(driver.unknownStreams);
        failing(() -> device("00:02.0").bind(NIC), Errno.ENODEV);
        assertThat(device("00:03.0").state()).isEqualTo(Device.State.READY);
    }

    @Test
    void iommu_device_register_goesOnOverAGroupThatGetsNoDefaultDomain() {
        driver.onAttach = (context, domain) -> {
            if (context.name().endsWith("02.0")) {
                throw FakeDomain.error(Errno.ENOSPC);
            }
        };
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar0);
        boot();
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.BOUND);
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.FAILED);
        assertThat(device("00:02.0").group()).isEmpty();
        assertThat(device("00:03.0").state()).isEqualTo(Device.State.READY);
    }

    @Test
    void iommu_device_register_unregistersADriverThatIsBroken() {
        var broken = new FakeDriver("broken");
        broken.onProbeDevice = context -> {
            throw new NoClassDefFoundError("broken/Tables");
        };
        machine.bus.put("00:02.0", dmar0);
        core.addBus(machine.bus);
        core.addUnit(dmar0);
        core.addDriver(broken.entry(0));
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.FAILED);
        assertThat(broken.log).contains("leave dmar0 BLOCK");
        assertThat(broken.violations).isEmpty();
    }

    @Test
    void iommu_probe_device_isOverForADeviceThatIsInAGroup() {
        machine.bus.put("00:02.0", dmar0);
        boot();
        var group = device("00:02.0").group();
        core.addUnit(machine.unit("dmar1")); // looks for what waits
        assertThat(driver.probes.get("0000:00:02.0")).hasValue(1);
        assertThat(device("00:02.0").group()).isEqualTo(group);
    }

    @Test
    void iommu_probe_device_withoutOpsLeavesNothingToCall() {
        machine.bus.put("00:02.0", dmar0);
        core.addUnit(dmar0);
        core.addBus(machine.bus);
        var device = device("00:02.0");
        assertThat(device.hasIommu()).isFalse();
        assertThat(device.group()).isEmpty();
        failing(() -> core.allocateDomain(device, Set.of()), Errno.ENODEV);
        failing(() -> device.walk(Pasid.NONE, 0), Errno.ENODEV);
        failing(() -> device.claim("vmm"), Errno.ENODEV);
    }

    @Test
    void iommu_probe_device_passesUpWhatTheDriverFailsWith() {
        failProbing("02.0", new IommuException(Errno.ENOMEM, "no memory for its context table"));
        machine.bus.put("00:02.0", dmar0);
        boot();
        assertThat(device("00:02.0").problem()).contains("no memory for its context table");
        assertThat(failing(() -> device("00:02.0").bind(NIC), Errno.ENODEV)).hasMessageContaining("context table");
        assertThat(core.groups()).isEmpty();
    }

    @Test
    void iommu_fwspec_init_defersADeviceWhoseUnitNobodyKnows() {
        machine.bus.put("00:02.0", machine.unit("dmar9"));
        boot();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.DEFERRED);
        assertThat(failing(() -> device("00:02.0").bind(NIC), Errno.EPROBE_DEFER)).hasMessageContaining("dmar9");
        assertThat(driver.log).noneMatch(line -> line.startsWith("xlate"));
    }

    @Test
    void iommu_fwspec_init_timesOut() {
        core.setDeferralBound(Duration.ofMillis(10));
        machine.bus.put("00:02.0", machine.unit("dmar9"));
        boot();
        Together.await(() -> device("00:02.0").problem().orElse("").contains("10 ms"));
        failing(() -> device("00:02.0").bind(NIC), Errno.ETIMEDOUT);
    }

    @Test
    void iommu_fwspec_init_defersWhileTheUnitIsNotReady() {
        machine.bus.put("00:02.0", dmar0);
        driver.onProbeDevice = context -> failing(() -> device("00:02.0").bind(NIC), Errno.EPROBE_DEFER);
        boot();
        device("00:02.0").bind(NIC);
    }

    /** The ids of a device are translated by the driver of its unit and by no other; who comes next starts anew. */
    @Test
    void iommu_fwspec_init_keepsTheIdsOfOneDriverOnly() {
        machine.bus.add(machine.bus.pci("00:02.0"),
                Optional.of(new DmaDescription(dmar0, List.of(List.of(0x10)), false)));
        boot();
        core.removeDriver(entry);
        var next = new FakeDriver("next");
        core.addDriver(next.entry(0));
        assertThat(next.bound.get("dmar0").ids("0000:00:02.0")).containsExactly(0x10);
        assertThat(next.log).containsOnlyOnce("xlate 0000:00:02.0 [16]");
        core.removeUnit(dmar0);
    }

    @Test
    void iommu_fwspec_add_ids_ofADescriptionThatTheDriverCannotReadFailsTheDeviceAlone() {
        machine.bus.put("00:03.0", dmar0);
        machine.bus.put("00:02.0", dmar0);
        driver.onCall = operation -> {
            if (operation.equals("ofXlate")) {
                driver.onCall = other -> { };
                throw FakeDomain.error(Errno.EINVAL);
            }
        };
        boot();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.FAILED);
        assertThat(device("00:02.0").group()).isEmpty();
        assertThat(device("00:03.0").state()).isEqualTo(Device.State.READY);
    }
}
