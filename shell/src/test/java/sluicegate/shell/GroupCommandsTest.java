package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
    void whatIsInNoGroupCannotBeClaimed() {
        assertThatThrownBy(() -> shell.execute("iommu:claim 00:10.0")).hasMessageContaining("in no group");
        assertThatThrownBy(() -> shell.execute("iommu:claim 9")).hasMessageContaining("no group 9");
        assertThatThrownBy(() -> shell.execute("iommu:claim 00:99.0")).hasMessageContaining("00:99.0");
    }
}
