package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciCapabilities.Capability;

@DisplayName("Configuration space as text")
class PciTextTest {
    private static final String ROW = " 86 80 22 29 07 00 10 00 02 01 06 01 00 00 80 00\n";
    private static final String ZEROS = " 00".repeat(16) + "\n";
    private static final String HEADER = "00:" + ROW + "10:" + ZEROS + "20:" + ZEROS + "30:" + ZEROS;

    @Test
    @DisplayName("is read as lspci -x prints it, with and without segment")
    void readsHeaders() {
        var images = lspci("00:1f.2 SATA controller: Intel AHCI\n" + HEADER + "\n10002:e1:00.0\n" + HEADER);

        assertThat(images).extracting(PciConfigImage::address)
                .containsExactly(PciAddress.parse("0000:00:1f.2"), PciAddress.parse("10002:e1:00.0"));
        var sata = images.get(0);
        assertThat(sata.description()).isEqualTo("SATA controller: Intel AHCI");
        assertThat(sata.source()).isEqualTo("pci.txt, line 1");
        assertThat(sata.size()).isEqualTo(256);
        assertThat(sata.read32(0)).isEqualTo(0x29228086);
        assertThat(sata.classCode()).isEqualTo(0x010601);
        assertThat(sata.multifunction()).isTrue();
        assertThat(sata.isBridge()).isFalse();
        assertThat(images.get(1).description()).isEmpty();
    }

    @Test
    @DisplayName("has 4096 bytes as soon as the text goes beyond the first 256")
    void knowsExtendedSpace() {
        assertThat(lspci("00:1f.2 x\n" + HEADER + "f0:" + ZEROS).get(0).size()).isEqualTo(256);
        var extended = lspci("00:1f.2 x\n" + HEADER + "ff0:" + ROW).get(0);
        assertThat(extended.size()).isEqualTo(4096);
        assertThat(extended.read16(0xff0)).isEqualTo(0x8086);
        assertThat(extended.read32(0xffe)).isEqualTo(0x0080);
    }

    @Test
    @DisplayName("of a real laptop is read from between the lines of lspci -vvvxxxx")
    void readsARealMachine() {
        var images = PciText.parseLspci(Shared.file(Shared.data("machines/asus-alderlake-laptop/lspci.txt")));
        var tree = PciTree.of(images);

        assertThat(images).hasSizeGreaterThan(15);
        var rootPort = tree.find(PciAddress.parse("00:01.0")).orElseThrow();
        assertThat(rootPort.image().secondaryBus()).isEqualTo(1);
        // lspci says: Capabilities: [40] Express (v2) Root Port (Slot+)
        assertThat(PciCapabilities.find(rootPort.image(), 0x10)).hasValue(0x40);
        assertThat(tree.functions()).extracting(PciTree.Node::address).containsAll(
                images.stream().map(PciConfigImage::address).toList());
        assertThat(images).allSatisfy(image -> assertThat(PciCapabilities.list(image)).hasSizeLessThan(40));
    }

    @Test
    @DisplayName("is refused with the line that makes no sense")
    void refusesBadText() {
        assertRefused(PciText::parseLspci, "", "line 1", "no PCI function");
        assertRefused(PciText::parseLspci, HEADER, "line 1", "belong to no function");
        assertRefused(PciText::parseLspci, "00:1f.2 x\n", "line 1", "0000:00:1f.2 at 0x0 are missing");
        assertRefused(PciText::parseLspci, "\n00:1f.2 x\n00:" + ROW, "line 2", "at 0x10 are missing");
        assertRefused(PciText::parseLspci, "00:1f.2 x\n" + HEADER + "30:" + ZEROS, "line 6", "in line 5 already");
        assertRefused(PciText::parseLspci, "00:1f.2 x\n" + HEADER + "44:" + ROW, "line 6", "0x44");
        assertRefused(PciText::parseLspci, "00:1f.2 x\n00: 86 8\n", "line 2", "neither");
        assertRefused(PciText::parseLspci, "00:1f.2 x\n" + HEADER + "40:" + ROW.strip() + ROW, "line 6");
        assertRefused(PciText::parseLspci, "00:1f.9 x\n" + HEADER, "line 1", "neither");
        assertRefused(PciText::parseLspci, "00:20.0 x\n" + HEADER, "line 1", "PCI address");
    }

    @Test
    @DisplayName("is made up for a list of functions")
    void synthesizes() {
        var images = topology("""
                # comment
                00:1f.0 8086:2918 class 060100
                00:1f.2 8086:2922 class 010601

                00:04.0 1b36:000c class 060400 bridge pri 00 sec 01 sub 03
                """);

        assertThat(images.get(0).multifunction()).as("shares its slot with 1f.2").isTrue();
        assertThat(images.get(1).read32(0)).isEqualTo(0x29228086);
        assertThat(images.get(1).classCode()).isEqualTo(0x010601);
        assertThat(images.get(1).source()).isEqualTo("pci.txt, line 3");
        var bridge = images.get(2);
        assertThat(bridge.isBridge()).isTrue();
        assertThat(bridge.multifunction()).isFalse();
        assertThat(List.of(bridge.read8(0x18), bridge.secondaryBus(), bridge.subordinateBus())).containsExactly(0, 1, 3);
        assertThat(PciCapabilities.list(bridge)).isEmpty();

        assertRefused(PciText::parseTopology, "00:1f.0 8086:2918 class 060100\n00:04.0 bridge\n", "line 2", "00:04.0 bridge");
        assertRefused(PciText::parseTopology, "\n", "line 1");
        assertRefused(PciText::parseTopology, "00:3f.0 8086:2918 class 060100\n", "line 1", "PCI address");
    }

    @Test
    @DisplayName("has lists of capabilities that end where they loop or leave it")
    void walksCapabilities() {
        var good = image(at(0x06, 0x10), at(0x34, 0x43), at(0x40, 0x05, 0x50), at(0x50, 0x10, 0x00),
                at(0x100, 0x01, 0x00, 0x02, 0x14), at(0x140, 0x0d, 0x00, 0x01, 0x00));
        assertThat(PciCapabilities.list(good)).containsExactly(new Capability(0x05, 0x40, false),
                new Capability(0x10, 0x50, false), new Capability(0x01, 0x100, true), new Capability(0x0d, 0x140, true));
        assertThat(PciCapabilities.find(good, 0x10)).hasValue(0x50);
        assertThat(PciCapabilities.find(good, 0x0d)).isEmpty();
        assertThat(PciCapabilities.findExtended(good, 0x0d)).hasValue(0x140);

        var loops = image(at(0x06, 0x10), at(0x34, 0x40), at(0x40, 0x05, 0x50), at(0x50, 0x10, 0x40),
                at(0x100, 0x01, 0x00, 0x02, 0x10));
        assertThat(PciCapabilities.list(loops)).hasSize(3);

        var intoTheHeader = image(at(0x06, 0x10), at(0x34, 0x10), at(0x100, 0x01, 0x00, 0x02, 0x04));
        assertThat(PciCapabilities.list(intoTheHeader)).containsExactly(new Capability(0x01, 0x100, true));

        var noList = image(at(0x34, 0x40), at(0x40, 0x05, 0x00));
        assertThat(PciCapabilities.list(noList)).as("status says there is no list").isEmpty();
    }

    @Test
    @DisplayName("gives functions or a reason whatever character is wrong")
    void survivesCorruption() {
        var good = Shared.machine("q35-vtd-rich").read("pci.txt").text();
        int refused = 0;
        for (int at = 0; at < good.length(); at += 97) {
            for (char wrong : new char[] {' ', ':', '\n', 'f', 'x', '\u00e9'}) {
                var text = good.substring(0, at) + wrong + good.substring(at + 1);
                try {
                    PciTree.of(lspci(text));
                } catch (IommuException e) {
                    refused++;
                    assertThat(e.getMessage()).startsWith("pci.txt, line ");
                }
            }
        }
        assertThat(refused).isGreaterThan(500);
    }

    private static int[] at(int offset, int... bytes) {
        var all = new int[bytes.length + 1];
        all[0] = offset;
        System.arraycopy(bytes, 0, all, 1, bytes.length);
        return all;
    }

    private static PciConfigImage image(int[]... parts) {
        var config = new byte[4096];
        for (var part : parts) {
            for (int i = 1; i < part.length; i++) {
                config[part[0] + i - 1] = (byte) part[i];
            }
        }
        return new PciConfigImage(PciAddress.parse("00:01.0"), "", config, "test");
    }

    private static List<PciConfigImage> lspci(String text) {
        return PciText.parseLspci(file(text));
    }

    private static List<PciConfigImage> topology(String text) {
        return PciText.parseTopology(file(text));
    }

    private static FirmwareFile file(String text) {
        return new FirmwareFile("pci.txt", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertRefused(Function<FirmwareFile, ?> reader, String text, String... words) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> reader.apply(file(text)))
                .satisfies(e -> assertThat(e.getMessage()).startsWith("pci.txt, line ").contains(words));
    }
}
