package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.DmaStatus;

/** The AMD-Vi driver's bundle under machines that run, alone and beside the VT-d driver. */
class AmdviBundleTest extends DriverBundleRig {
    private static final String RICH = "q35-amdvi-rich";
    private static final String DEVICE = ":00:05.0";

    AmdviBundleTest() {
        super("sluicegate.hw.amdvi");
    }

    @ParameterizedTest
    @ValueSource(strings = {"q35-amdvi", RICH})
    void devicesAreBlockedWithoutTheirDriverAndServedAgainByTheNext(String name) throws Exception {
        rig = boot(name, DEVICE);
        var domain = stopAndStart(rig.machine.allocate(PAGE));
        domain.detach(rig.device);
        domain.close();
    }

    /** More commands than the command buffer has slots, and DMA that lands where QEMU's walk of the tables leads. */
    @Test
    void aUnitOfQemuIsDrivenToo() {
        rig = boot("qemu:q35-amdvi", DEVICE);
        long buffer = rig.machine.allocate(PAGE);
        try (var domain = rig.attached(iommu)) {
            for (int i = 0; i < 300; i++) {
                domain.map(IOVA, buffer, PAGE, RW);
                domain.unmap(IOVA, PAGE);
            }
            domain.map(IOVA, buffer, PAGE, RW);
            assertThat(rig.write(IOVA, (byte) 7)).isEqualTo(DmaStatus.OK);
            assertThat(rig.memory(buffer, 1)).containsExactly(7);
            domain.unmap(IOVA, PAGE);
            assertThat(rig.write(IOVA, (byte) 8)).isEqualTo(DmaStatus.FAULT);
            assertThat(rig.memory(buffer, 1)).containsExactly(7);
            domain.detach(rig.device);
        }
    }

    @Test
    void unitsOfTwoKindsServeTheirDevicesSideBySide() {
        rig = boot(RICH, DEVICE);
        serveBeside("amd-vi");
    }
}
