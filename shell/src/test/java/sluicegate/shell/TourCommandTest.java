package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.MachineFactory;
import sluicegate.api.types.ReservedRegion;

/** The tour where no device shares an address space; where one does, see {@code SpacesByHandTest} of {@code itest}. */
class TourCommandTest {
    private final ShellFixture shell = new ShellFixture();

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void withoutAMachineItBootsOneAndSwitchesItOff() throws Exception {
        shell.iommu.available.add(new MachineFactory.Description("lab", "embedded", "one of each kind"));
        assertThat(shell.execute("iommu:tour")).isNull();
        assertThat(shell.printed()).contains("iommu> iommu:boot lab").contains("iommu> iommu:attach dom2 0000:00:05.0")
                .contains("Hello, device!").contains("! 0000:00:05.0: DMA write of 1 byte at 0x10000 failed: WRITE_NOT_PERMITTED")
                .contains("root entry at 0x2000").contains("iommu> iommu:domain-free dom2");
        assertThat(shell.iommu.bootedAs).containsExactly("lab");
        assertThat(shell.iommu.running()).isEmpty();
    }

    @Test
    void onAMachineThatRunsItLeavesNothingBehind() throws Exception {
        shell.iommu.boot("q35-vtd");
        shell.execute("iommu:tour");
        assertThat(shell.printed()).as("no device shares address spaces here").doesNotContain("space-alloc");
        assertNothingLeft();
    }

    @Test
    void aDriverIsSwappedWithDmaBlockedWhereItCannotTakeOverInPlace() throws Exception {
        shell.iommu.boot("q35-vtd");
        shell.execute("iommu:tour");
        assertThat(shell.printed()).contains("iommu> iommu:swap dmar0 vtd --keep").contains("DMA went on meanwhile");
        assertThat(shell.iommu.swaps).containsExactly("dmar0 vtd KEEP");
        shell.iommu.adopts = false;
        shell.execute("iommu:tour");
        assertThat(shell.printed()).contains("! EOPNOTSUPP: ").contains("DMA was blocked meanwhile");
        assertThat(shell.iommu.swaps).containsExactly("dmar0 vtd KEEP", "dmar0 vtd BLOCK");
        assertNothingLeft();
    }

    @Test
    void aStepThatFailsLeavesNothingBehindEither() {
        shell.iommu.boot("q35-vtd");
        shell.device().busMaster = false;
        assertThatThrownBy(() -> shell.execute("iommu:tour"))
                .hasMessageContaining("The tour stopped at 'iommu:dma 0000:00:05.0 read").hasMessageContaining("bus-master-off");
        assertNothingLeft();
    }

    @Test
    void itKeepsClearOfReservedAddresses() throws Exception {
        shell.iommu.boot("q35-vtd");
        shell.device().reserved = java.util.List.of(new ReservedRegion(0, 0x20000, 0, ReservedRegion.Type.RESERVED));
        shell.execute("iommu:tour");
        assertThat(shell.printed()).contains("iommu:map dom2 0x20000 ");
    }

    @Test
    void aDeviceThatSomebodyHasTakenIsLeftAlone() throws Exception {
        shell.iommu.boot("q35-vtd");
        shell.execute("iommu:attach (iommu:domain-alloc 00:05.0) 00:05.0");
        assertThatThrownBy(() -> shell.execute("iommu:tour")).hasMessageContaining("ENODEV: The tour needs a PCI endpoint");
    }

    @Test
    void theFunctionThatAnIommuIsItselfIsLeftAlone() {
        shell.iommu.boot("q35-amdvi");
        shell.device().function.classCode = 0x080600;
        assertThatThrownBy(() -> shell.execute("iommu:tour")).hasMessageContaining("ENODEV: The tour needs a PCI endpoint");
    }

    private void assertNothingLeft() {
        assertThat(shell.machine().allocated).isEmpty();
        assertThat(shell.iommu.domains).hasSize(2);
        assertThat(shell.device().domain()).isEqualTo(shell.device().group().orElseThrow().defaultDomain());
        assertThat(shell.iommu.running()).hasSize(1);
    }
}
