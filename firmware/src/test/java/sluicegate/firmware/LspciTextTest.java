package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.IommuException;
import sluicegate.spec.pci.AcsCapability;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PcieCapability;
import sluicegate.spec.pci.PciePortType;

/** What {@code lspci -vvv} prints, as people send it. */
class LspciTextTest {
    private static final String PORT = """
            00:1c.0 PCI bridge [0604]: Intel Corporation Sunrise Point-LP PCI Express Root Port [8086:9d10] (rev f1) (prog-if 00 [Normal decode])
            \tControl: I/O+ Mem+ BusMaster+ SpecCycle-
            \tBus: primary=00, secondary=01, subordinate=04, sec-latency=0
            \tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00
            \t\tDevCap:\tMaxPayload 256 bytes, PhantFunc 0
            \tCapabilities: [140 v1] Access Control Services
            \t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd- EgressCtrl- DirectTrans-
            \t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir- CmpltRedir- UpstreamFwd- EgressCtrl- DirectTrans-
            """;

    private static PciSource read(String text) {
        return LspciText.read(file(text));
    }

    private static FirmwareFile file(String text) {
        return new FirmwareFile("lspci.txt", text.getBytes(StandardCharsets.UTF_8));
    }

    private static PciePortType type(PciConfigImage image) {
        int at = PciCapabilities.find(image, CapabilityId.PCI_EXPRESS.code()).orElseThrow();
        return PciePortType.of(PcieCapability.PORT_TYPE.get(image.read16(at + 2))).orElseThrow();
    }

    private static int acs(PciConfigImage image, int register) {
        return image.read16(PciCapabilities.findExtended(image, ExtendedCapabilityId.ACS.code()).orElseThrow() + register);
    }

    @Test
    void aPortWithAcs() {
        var source = read(PORT);
        var port = source.functions().get(0);
        assertThat(source.lacks()).isEmpty();
        assertThat(port.address()).hasToString("0000:00:1c.0");
        assertThat(port.read32(0)).isEqualTo(0x9d108086);
        assertThat(port.classCode()).isEqualTo(0x060400);
        assertThat(port.secondaryBus()).isEqualTo(1);
        assertThat(port.subordinateBus()).isEqualTo(4);
        assertThat(type(port)).isEqualTo(PciePortType.ROOT_PORT);
        assertThat(acs(port, 4)).isEqualTo(0b1111);
        assertThat(acs(port, 6)).isEqualTo((int) AcsCapability.SV.mask());
        assertThat(port.multifunction()).isFalse();
        assertThat(read(PORT.replace("\t", "        ")).functions().get(0).config()).as("as mail programs leave it").isEqualTo(port.config());
    }

    @Test
    void functionsOfOneSlotShareIt() {
        var two = read("00:1f.0 ISA bridge: Intel Corporation LPC\n\n0000:00:1f.3 Audio device: Intel Corporation HDA\n").functions();
        assertThat(two).allMatch(PciConfigImage::multifunction);
        assertThat(two.get(0).classCode()).isEqualTo(0x060100);
        assertThat(two.get(0).read16(0)).isEqualTo(0x8086);
    }

    @Test
    void translationServices() {
        var gpu = read("""
                03:00.0 VGA compatible controller [0300]: AMD X [1002:73bf] (rev c1) (prog-if 00 [VGA controller])
                \tCapabilities: [64] Express (v2) Legacy Endpoint, IntMsgNum 0
                \tCapabilities: [2a0 v1] Address Translation Service (ATS)
                \t\tATSCtl:\tEnable+, Smallest Translation Unit: 00
                \tCapabilities: [2d0 v1] Process Address Space ID (PASID)
                \t\tPASIDCap: Exec+ Priv+, Max PASID Width: 10
                """).functions().get(0);
        assertThat(type(gpu)).isEqualTo(PciePortType.LEGACY_ENDPOINT);
        int pasid = PciCapabilities.findExtended(gpu, ExtendedCapabilityId.PASID.code()).orElseThrow();
        assertThat(PasidCapability.MAX_PASID_WIDTH.get(gpu.read16(pasid + 4))).isEqualTo(16);
        assertThat(PciCapabilities.findExtended(gpu, ExtendedCapabilityId.ATS.code())).hasValue(0x2a0);
    }

    @Test
    void whatIsNotSaidIsSaid() {
        assertThat(read("00:1c.0 PCI bridge: Intel Corporation Port\n\tCapabilities: <access denied>\n").lacks())
                .anyMatch(lack -> lack.contains("root")).anyMatch(lack -> lack.contains("-nn"));
        assertThat(read("00:1c.0 0604: 8086:9d10 (rev f1)\n").lacks()).singleElement().asString().contains("no capabilities");
    }

    @Test
    void bytesCountWhereTheyAre() {
        var folder = Shared.data("machines/asus-alderlake-laptop");
        var both = Shared.file(folder.resolve("lspci.txt"));
        var fromBytes = PciText.parseLspci(both);
        var fromBoth = LspciText.read(both).functions();
        assertThat(fromBoth).hasSameSizeAs(fromBytes);
        var words = LspciText.read(file(both.text().replaceAll("(?m)^[0-9a-f]{2,3}:( [0-9a-f]{2})+$", ""))).functions();
        for (int i = 0; i < fromBytes.size(); i++) {
            var bytes = fromBytes.get(i);
            assertThat(fromBoth.get(i).config()).isEqualTo(bytes.config());
            // What the words say is what the bytes say.
            var image = words.get(i);
            assertThat(image.secondaryBus()).as("%s", bytes).isEqualTo(bytes.secondaryBus());
            if (PciCapabilities.find(bytes, CapabilityId.PCI_EXPRESS.code()).isPresent()) {
                assertThat(type(image)).as("%s", bytes).isEqualTo(type(bytes));
            }
            var acs = PciCapabilities.findExtended(bytes, ExtendedCapabilityId.ACS.code());
            assertThat(PciCapabilities.findExtended(image, ExtendedCapabilityId.ACS.code())).as("%s", bytes).isEqualTo(acs);
            acs.ifPresent(at -> assertThat(image.read32(at + 4) & 0x7f007f).isEqualTo(bytes.read32(at + 4) & 0x7f007f));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"am-g6x-pex8748", "amd-family15h-no-acs", "apple-macmini8-1-tb3-egpu", "asus-alderlake-laptop",
        "hp-spectre-x360-15-df1", "intel-cometlake", "lenovo-t14-gen3-amd", "msi-b550-amd"})
    void realMachinesAreTrees(String name) {
        var source = LspciText.read(Shared.file(Shared.data("machines/" + name).resolve("lspci.txt")));
        assertThat(PciTree.of(source.functions()).functions()).hasSameSizeAs(source.functions());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "00: 86 80", "00:1c.0 a\n00:1c.0 b\n", "00:1c.0 a\n08: 00\n", "ffffffff:00:00.0 a\n"})
    void whatIsNoListIsRefused(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IommuException.class);
    }

    @Test
    void brokenListsEndInCleanErrors() {
        var text = Shared.file(Shared.data("machines/intel-cometlake").resolve("lspci.txt")).text();
        var random = new Random(7);
        for (int round = 0; round < 300; round++) {
            var broken = new StringBuilder(text);
            for (int change = random.nextInt(40); change >= 0; change--) {
                int at = random.nextInt(broken.length() - 20);
                switch (random.nextInt(3)) {
                    case 0 -> broken.setCharAt(at, (char) (32 + random.nextInt(96)));
                    case 1 -> broken.delete(at, at + random.nextInt(20));
                    default -> broken.insert(at, broken.substring(at, at + 20));
                }
            }
            try {
                PciTree.of(read(broken.toString()).functions());
            } catch (IommuException e) {
                assertThat(e.getMessage()).contains("lspci.txt");
            }
        }
    }
}
