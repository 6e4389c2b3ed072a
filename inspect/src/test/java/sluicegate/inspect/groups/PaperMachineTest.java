package sluicegate.inspect.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.pci.GroupPrediction;
import sluicegate.inspect.GroupReport;
import sluicegate.inspect.MachineReport;

/** Machines that only somebody's text tells of. */
class PaperMachineTest {
    private static final MachineExplainerComponent EXPLAINER = new MachineExplainerComponent(new GroupPrediction());
    private static final String HOST = "0000:00:00.0 Host bridge [0600]: Intel Corporation Host Bridge [8086:3ec2]\n";
    private static final String CARD = """
            00:1c.0 PCI bridge [0604]: Intel Corporation Root Port [8086:a338] (prog-if 00 [Normal decode])
            \tBus: primary=00, secondary=02, subordinate=02, sec-latency=0
            \tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00
            \tCapabilities: [140 v1] Access Control Services
            \t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd- EgressCtrl- DirectTrans-
            02:00.0 Ethernet controller [0200]: Intel Corporation X710 [8086:1572]
            \tCapabilities: [a0] Express (v2) Endpoint, MSI 00
            """;

    @TempDir
    private Path folder;

    private MachineReport explain(String text) throws IOException {
        return EXPLAINER.explain(Files.writeString(folder.resolve("lspci.txt"), text), GroupingRules.KERNEL);
    }

    @Test
    void devicesBehindAVolumeManagementDeviceShareItsGroup() throws IOException {
        var report = explain(HOST + """
                0000:00:0e.0 RAID bus controller [0104]: Intel Corporation Volume Management Device NVMe RAID Controller [8086:467f]
                10000:e0:06.0 PCI bridge [0604]: Intel Corporation PCI Express Root Port [8086:464d] (prog-if 00 [Normal decode])
                \tBus: primary=e0, secondary=e1, subordinate=e1, sec-latency=0
                \tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00
                10000:e1:00.0 Non-Volatile memory controller [0108]: Samsung NVMe SSD [144d:a80a] (prog-if 02 [NVM Express])
                \tCapabilities: [70] Express (v2) Endpoint, MSI 00
                """);
        assertThat(report.groupOf("0000:00:0e.0").orElseThrow().devices()).extracting(GroupReport.Member::name)
                .containsExactly("0000:00:0e.0", "10000:e0:06.0", "10000:e1:00.0");
    }

    @Test
    void virtualFunctionsArePeersOfNobody() throws IOException {
        var report = explain(HOST + CARD + """
                \tCapabilities: [160 v1] Single Root I/O Virtualization (SR-IOV)
                \t\tIOVCtl:\tEnable+ Migration- Interrupt- MSE+ ARIHierarchy+
                \t\tInitial VFs: 2, Total VFs: 2, Number of VFs: 2, Function Dependency Link: 00
                \t\tVF offset: 2, stride: 1, Device ID: 154c
                02:00.2 Ethernet controller [0200]: Intel Corporation Virtual Function [8086:154c]
                \tCapabilities: [a0] Express (v2) Endpoint, MSI 00
                02:00.3 Ethernet controller [0200]: Intel Corporation Virtual Function [8086:154c]
                \tCapabilities: [a0] Express (v2) Endpoint, MSI 00
                """);
        assertThat(report.groupOf("0000:02:00.2").orElseThrow().devices()).hasSize(1);
        assertThat(report.groupOf("0000:02:00.3").orElseThrow().devices()).hasSize(1);
    }

    @Test
    void nothingCanBeDoneWithIt() throws IOException {
        var machine = new PaperMachine(sluicegate.firmware.MachineDescription.read(
                sluicegate.firmware.MachineImport.folder(Files.writeString(folder.resolve("a.txt"), HOST + CARD))));
        assertThatThrownBy(machine::memory).isInstanceOf(IommuException.class);
        assertThatThrownBy(() -> machine.functions().iterator().next().dma()).isInstanceOf(IommuException.class);
        assertThat(machine.units()).hasSize(1);
    }

    @Test
    void brokenMachinesEndInCleanErrors() throws IOException {
        var random = new Random(11);
        var good = (HOST + CARD).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        var file = folder.resolve("lspci.txt");
        var table = folder.resolve("dmar.bin");
        for (int round = 0; round < 400; round++) {
            var bytes = good.clone();
            for (int change = random.nextInt(12); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, bytes);
            if (round % 4 == 3) {
                var junk = new byte[random.nextInt(120)];
                random.nextBytes(junk);
                Files.write(table, junk);
            } else {
                Files.deleteIfExists(table);
            }
            try {
                var report = EXPLAINER.explain(folder, GroupingRules.KERNEL);
                assertThat(EXPLAINER.html(report)).endsWith("</html>\n");
            } catch (IommuException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }
}
