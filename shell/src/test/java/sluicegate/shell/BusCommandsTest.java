package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BusCommandsTest {
    private final ShellFixture shell = ShellFixture.running();

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void aDriverIsBoundAndUnboundAndTheDeviceStaysWhereItIs() throws Exception {
        assertThat(shell.shown("iommu:bind 00:05.0 e1000e")).isEqualTo("0000:00:05.0 is bound to e1000e");
        assertThat(shell.shown("iommu:info 00:05.0")).containsPattern("bound +e1000e");
        assertThat(shell.shown("iommu:unbind 00:05.0")).isEqualTo("0000:00:05.0 is unbound from e1000e and stays in group 0");
        assertThatThrownBy(() -> shell.execute("iommu:unbind 00:05.0")).hasMessageContaining("bound to no driver");
        assertThat(shell.shown("iommu:bind 00:05.0 vfio-pci --manages-dma --json"))
                .isEqualTo("{\"device\":\"0000:00:05.0\",\"bound\":\"vfio-pci\",\"group\":0,\"domain\":\"dom0\"}");
        assertThat(shell.iommu.device("0000:00:05.0").deviceDriver().orElseThrow().managesDma()).isTrue();
    }

    @Test
    void aDeviceIsRemovedAndFoundAgain() throws Exception {
        assertThat(shell.shown("iommu:remove 00:1f.2")).isEqualTo("0000:00:1f.2 is removed");
        assertThat(shell.shown("iommu:rescan")).isEqualTo("1 device found");
        assertThat(shell.shown("iommu:rescan q35-vtd --json")).isEqualTo("{\"found\":0}");
        assertThatThrownBy(() -> shell.execute("iommu:rescan q35")).hasMessageContaining("q35");
    }
}
