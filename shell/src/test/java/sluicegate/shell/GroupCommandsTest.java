package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.DomainType;

class GroupCommandsTest {
    private final ShellFixture shell = ShellFixture.running();

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void aGroupIsClaimedByItsNumberOrByADevice() throws Exception {
        assertThat(shell.shown("iommu:claim 1 --owner vmm")).startsWith("vmm owns group 1");
        assertThat(shell.shown("iommu:groups")).containsPattern("1 +DMA +dom1 +vmm +0000:00:1f.0");
        assertThat(shell.shown("iommu:info group 1")).containsPattern("owner +vmm");
        assertThatThrownBy(() -> shell.execute("iommu:claim 00:1f.2")).hasMessageContaining("owned by vmm");
        assertThatThrownBy(() -> shell.execute("iommu:release 1")).hasMessageContaining("shell can't release it");
        assertThat(shell.shown("iommu:release 00:1f.2 --owner vmm --json"))
                .isEqualTo("{\"group\":1,\"owner\":null,\"users\":0,\"domain\":\"dom1\"}");
    }

    @Test
    void aGroupsTypeIsSetByTheKernelsWords() throws Exception {
        shell.execute("iommu:type 0 DMA-FQ");
        shell.execute("iommu:type 00:05.0 Identity");
        shell.execute("iommu:type 0 dma");
        assertThat(shell.shown("iommu:type 0 auto")).isEqualTo("Group 0 is of type DMA and in dom0");
        assertThat(((FakeGroup) shell.iommu.group(0)).types).containsExactly(Optional.of(DomainType.DMA_FQ),
                Optional.of(DomainType.IDENTITY), Optional.of(DomainType.DMA), Optional.empty());
        assertThatThrownBy(() -> shell.execute("iommu:type 0 blocked")).hasMessageContaining("DMA-FQ");
    }

    @Test
    void aResetIsDoneInOneGoOrHeldOpen() throws Exception {
        assertThat(shell.shown("iommu:reset 00:05.0")).isEqualTo("0000:00:05.0 is reset and attached to dom0 again");
        assertThatThrownBy(() -> shell.execute("iommu:reset 00:05.0 --end")).hasMessageContaining("not being reset");
        assertThat(shell.shown("iommu:reset 00:05.0 --begin")).contains("DMA is refused");
        assertThat(shell.shown("iommu:info 00:05.0")).containsPattern("in-reset +true");
        assertThat(shell.shown("iommu:reset 00:05.0 --end --json"))
                .isEqualTo("{\"device\":\"0000:00:05.0\",\"in-reset\":false,\"domain\":\"dom0\"}");
        assertThatThrownBy(() -> shell.execute("iommu:reset 00:10.0")).hasMessageContaining("no group");
    }

    @Test
    void whatIsInNoGroupCannotBeClaimed() {
        assertThatThrownBy(() -> shell.execute("iommu:claim 00:10.0")).hasMessageContaining("in no group");
        assertThatThrownBy(() -> shell.execute("iommu:claim 9")).hasMessageContaining("no group 9");
        assertThatThrownBy(() -> shell.execute("iommu:claim 00:99.0")).hasMessageContaining("00:99.0");
    }
}
