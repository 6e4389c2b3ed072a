package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups explained, in front of a person and of a script. */
class ExplainCommandsTest {
    private static final String MACHINE = """
            00:00.0 Host bridge [0600]: Intel Corporation Host Bridge [8086:3ec2] (rev 07)

            00:01.0 PCI bridge [0604]: Intel Corporation PCIe Controller (x16) [8086:1901] (rev 07) (prog-if 00 [Normal decode])
            \tBus: primary=00, secondary=01, subordinate=01, sec-latency=0
            \tCapabilities: [a0] Express (v2) Root Port (Slot+), MSI 00

            00:17.0 SATA controller [0106]: Intel Corporation SATA [8086:a352] (rev 10)

            00:1c.0 PCI bridge [0604]: Intel Corporation Root Port [8086:a338] (rev f0) (prog-if 00 [Normal decode])
            \tBus: primary=00, secondary=02, subordinate=02, sec-latency=0
            \tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00
            \tCapabilities: [140 v1] Access Control Services
            \t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd- EgressCtrl- DirectTrans-
            \t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd- EgressCtrl- DirectTrans-

            01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GPU [10de:1b80] (rev a1) (prog-if 00 [VGA controller])
            \tCapabilities: [78] Express (v2) Legacy Endpoint, MSI 00
            01:00.1 Audio device [0403]: NVIDIA Corporation HDMI Audio [10de:10f0] (rev a1)
            \tCapabilities: [78] Express (v2) Endpoint, MSI 00
            """;

    private final ShellFixture shell = ShellFixture.running();
    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void write() throws Exception {
        file = Files.writeString(folder.resolve("lspci.txt"), MACHINE);
    }

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void aMachineIsExplainedFromAFileAndFromAFolder() throws Exception {
        assertThat(shell.shown("iommu:explain " + file)).contains("4 groups, 1 of them shared", "root port 0000:00:01.0 has no ACS capability",
                "0000:00:1c.0 isolates", "to a guest: yes, only all together, or the rest left without a driver: 0000:01:00.0 0000:01:00.1",
                "There is no DMAR table");
        assertThat(shell.shown("iommu:explain --json " + folder)).contains(
                "{\"group\":1,\"devices\":[\"0000:00:01.0\",\"0000:01:00.0\",\"0000:01:00.1\"],\"reasons\":[", "\"reserved\":[{\"start\":\"0xfee00000\"",
                "\"guest\":{\"allowed\":true");
    }

    @Test
    void aDeviceIsExplainedFromItselfToTheRoot() throws Exception {
        assertThat(shell.shown("iommu:explain " + file + " 01:00.1")).contains("does NOT isolate",
                "0000:01:00.1 shares the group of root port 0000:00:01.0, which leads to it: root port 0000:00:01.0 has no ACS capability");
        assertThatThrownBy(() -> shell.shown("iommu:explain " + file + " 05:00.0")).hasMessageContaining("There is no 05:00.0");
        assertThat(shell.shown("iommu:explain 00:05.0")).contains("0000:00:05.0 has a group of its own");
    }

    @Test
    void changesAreTried() throws Exception {
        assertThat(shell.shown("iommu:whatif --move 01:00.0=00:1c.0 " + file)).startsWith("4 groups become 5; 3 devices have other company")
                .contains("0000:01:00.0: with 0000:00:01.0 0000:01:00.0 0000:01:00.1 -> with 0000:02:00.0 0000:02:00.1");
        assertThat(shell.shown("iommu:whatif --override downstream,multifunction " + file)).startsWith("4 groups become 6");
        assertThat(shell.shown("iommu:whatif --json " + file)).isEqualTo("[]");
        assertThatThrownBy(() -> shell.shown("iommu:whatif --move 01:00.0=00:17.0 " + file)).hasMessageContaining("leads to no bus");
        assertThatThrownBy(() -> shell.shown("iommu:whatif --override sideways " + file)).hasMessageContaining("overrides nothing");
    }

    @Test
    void aPageNeedsNothingElse() throws Exception {
        var page = folder.resolve("page.html");
        assertThat(shell.shown("iommu:explain --html " + page + " " + file)).endsWith("The page is in " + page + ".");
        assertThat(Files.readString(page)).startsWith("<!DOCTYPE html>").contains("<svg", "0000:01:00.1", "group 1").doesNotContain("<script", "src=",
                "http");
    }
}
