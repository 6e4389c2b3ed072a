package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Bundle;
import org.osgi.test.common.annotation.InjectService;
import org.osgi.test.junit5.service.ServiceExtension;
import sluicegate.api.Device;
import sluicegate.api.Iommu;
import sluicegate.api.Machines;
import sluicegate.api.Unit;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/** The SMMUv3 driver's bundle under machines that run, alone and beside the VT-d driver. */
@ExtendWith(ServiceExtension.class)
class Smmuv3BundleTest {
    private static final long IOVA = 0x20_0000;
    private static final int RW = Prot.READ | Prot.WRITE;
    private static final String RICH = "virt-smmuv3-rich";
    private static final String DEVICE = ":00:02.0";

    @InjectService(timeout = 10_000)
    Machines machines;

    @InjectService(timeout = 10_000)
    Iommu iommu;

    private final Bundle driver = FrameworkMachine.bundle("sluicegate.hw.smmuv3");
    private FrameworkMachine rig;

    @AfterEach
    void restore() throws Exception {
        driver.start();
        if (rig != null) {
            rig.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"virt-smmuv3,:00:02.0", "virt-smmuv3-rich,:00:02.0", "qemu:virt-smmuv3,:00:05.0"})
    void devicesAreBlockedWithoutTheirDriverAndServedAgainByTheNext(String name, String place) throws Exception {
        try {
            rig = new FrameworkMachine(machines, iommu, name, place);
        } catch (IommuException e) {
            Assumptions.assumeTrue(e.errno() != Errno.ENOENT, e.getMessage());
            throw e;
        }
        long buffer = rig.machine.allocate(4096);
        var domain = rig.attached(iommu);
        domain.map(IOVA, buffer, 4096, RW);
        assertThat(rig.write(IOVA, (byte) 1)).isEqualTo(DmaStatus.OK);
        var unit = rig.device.unit().orElseThrow();

        driver.stop();

        assertThat(unit.state()).isEqualTo(Unit.State.HELD);
        assertThat(rig.write(IOVA, (byte) 2)).as("nobody drives the unit").isNotEqualTo(DmaStatus.OK);
        assertThat(rig.memory(buffer, 1)).containsExactly(1);

        driver.start();

        FrameworkMachine.await("the driver's return", () -> unit.state() == Unit.State.BOUND
                && rig.device.state() == Device.State.READY);
        assertThat(rig.device.domain()).as("as it was before").contains(domain);
        assertThat(rig.write(IOVA, (byte) 3)).isEqualTo(DmaStatus.OK);
        assertThat(rig.memory(buffer, 1)).containsExactly(3);
        assertThat(domain.unmap(IOVA, 4096)).isEqualTo(4096);
        assertThat(rig.write(IOVA, (byte) 4)).isEqualTo(DmaStatus.FAULT);
        assertThat(rig.memory(buffer, 1)).containsExactly(3);
        FrameworkMachine.await("the driver's report", () -> iommu.recentFaults().stream().anyMatch(fault ->
                fault.device().filter(rig.device.name()::equals).isPresent() && fault.iova() == IOVA
                        && fault.name().equals("F_TRANSLATION")));
        domain.detach(rig.device);
        domain.close();
    }

    @Test
    void unitsOfTwoKindsServeTheirDevicesSideBySide() {
        rig = new FrameworkMachine(machines, iommu, RICH, DEVICE);
        try (var other = new FrameworkMachine(machines, iommu, "q35-vtd-rich", ":00:05.0")) {
            assertThat(rig.device.unit().orElseThrow().driver().orElseThrow().name()).isEqualTo("arm-smmu-v3");
            assertThat(other.device.unit().orElseThrow().driver().orElseThrow().name()).isEqualTo("intel-vtd");
            var here = rig.attached(iommu);
            var there = other.attached(iommu);
            long buffer = rig.machine.allocate(4096);
            long otherBuffer = other.machine.allocate(4096);
            here.map(IOVA, buffer, 4096, RW);
            there.map(IOVA, otherBuffer, 4096, RW);
            assertThat(rig.write(IOVA, (byte) 1)).isEqualTo(DmaStatus.OK);
            assertThat(other.write(IOVA, (byte) 2)).isEqualTo(DmaStatus.OK);
            assertThat(rig.memory(buffer, 1)).containsExactly(1);
            assertThat(other.memory(otherBuffer, 1)).containsExactly(2);
            here.unmap(IOVA, 4096);
            assertThat(rig.write(IOVA, (byte) 3)).isEqualTo(DmaStatus.FAULT);
            assertThat(other.write(IOVA, (byte) 4)).isEqualTo(DmaStatus.OK);
            there.detach(other.device);
            assertThatExceptionOfType(IommuException.class).as("a domain of the other's driver")
                    .isThrownBy(() -> here.attach(other.device)).matches(e -> e.errno() == Errno.EINVAL);
            here.detach(rig.device);
            here.close();
            there.close();
        }
    }
}
