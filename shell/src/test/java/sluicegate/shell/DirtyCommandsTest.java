package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Domain.DirtyRange;

/** Pages that devices wrote to, at the prompt. */
class DirtyCommandsTest {
    private final ShellFixture shell = ShellFixture.running();
    private FakeDomain domain;

    @BeforeEach
    void allocate() throws Exception {
        shell.execute("iommu:domain-alloc 00:05.0 --for dirty-tracking");
        domain = (FakeDomain) shell.iommu.domain("dom2");
        shell.execute("iommu:map dom2 0x10000 0x100000 4K rw ; iommu:map dom2 0x40000 0x100000 8K rw");
    }

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void trackingIsSwitchedAndSeenInInfo() throws Exception {
        assertThat(shell.shown("iommu:dirty dom2 on")).isEqualTo("dom2 tracks dirty pages");
        assertThat(domain.dirtyTracking()).isTrue();
        assertThat(shell.shown("iommu:info dom2 --json")).contains("\"dirty-tracking\":\"on\"");
        assertThat(shell.shown("iommu:dirty dom2 off --json")).isEqualTo("{\"domain\":\"dom2\",\"dirty-tracking\":false}");
        assertThat(domain.dirtyTracking()).isFalse();
        assertThatThrownBy(() -> shell.execute("iommu:dirty dom2 read")).hasMessageContaining("does not track");
    }

    @Test
    void whatWasWrittenIsListedOnceAndLookingChangesNothing() throws Exception {
        shell.execute("iommu:dirty dom2 on");
        assertThat(shell.shown("iommu:dirty dom2 read")).isEqualTo("No device has written to dom2 there.");
        domain.dirty.add(new DirtyRange(0x10000, 0x1000));
        domain.dirty.add(new DirtyRange(0x40000, 0x2000));
        assertThat(shell.shown("iommu:dirty dom2 read --no-clear --json")).isEqualTo("""
                [{"iova":"0x10000","size":4096},
                 {"iova":"0x40000","size":8192}]""");
        assertThat(shell.shown("iommu:dirty dom2 read 0x40000 8K")).isEqualTo("""
                IOVA     SIZE
                0x40000  8K""");
        assertThat(shell.shown("iommu:dirty dom2 read")).endsWith("0x10000  4K");
        assertThat(domain.dirty).isEmpty();
    }

    @Test
    void allThatIsMappedIsReadUnlessARangeIsGivenInPagesOfTheDomainUnlessASizeIs() throws Exception {
        shell.execute("iommu:dirty dom2 on ; iommu:dirty dom2 read");
        assertThat(domain.lastRead).isEqualTo("10000+32000 in 1000");
        shell.execute("iommu:dirty dom2 read --page 64K");
        assertThat(domain.lastRead).isEqualTo("10000+40000 in 10000");
        shell.execute("iommu:dirty dom2 read 0x10000 64K --page 0x2000");
        assertThat(domain.lastRead).isEqualTo("10000+10000 in 2000");
    }

    @Test
    void aLineThatMakesNoSenseSaysWhat() {
        assertThatThrownBy(() -> shell.execute("iommu:dirty dom2 read 0x10000")).hasMessageContaining("read IOVA SIZE");
        assertThatThrownBy(() -> shell.execute("iommu:dirty dom2 on 0x10000 4K")).hasMessageContaining("no more words");
        assertThatThrownBy(() -> shell.execute("iommu:dirty dom2 perhaps")).hasMessageContaining("on, off, read");
    }
}
