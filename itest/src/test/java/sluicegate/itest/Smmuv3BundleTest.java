package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.platform.DmaStatus;

/** The SMMUv3 driver's bundle under machines that run, alone and beside the VT-d driver. */
class Smmuv3BundleTest extends DriverBundleRig {

    Smmuv3BundleTest() {
        super("sluicegate.hw.smmuv3");
    }

    @ParameterizedTest
    @CsvSource({"virt-smmuv3,:00:02.0", "virt-smmuv3-rich,:00:02.0", "qemu:virt-smmuv3,:00:05.0"})
    void devicesAreBlockedWithoutTheirDriverAndServedAgainByTheNext(String name, String place) throws Exception {
        rig = boot(name, place);
        long buffer = rig.machine.allocate(PAGE);
        var domain = stopAndStart(buffer);
        assertThat(domain.unmap(IOVA, PAGE)).isEqualTo(PAGE);
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
        rig = boot("virt-smmuv3-rich", ":00:02.0");
        serveBeside("arm-smmu-v3");
    }
}
