package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;
import sluicegate.spec.pci.CapabilityId;

/** What people have of real machines. */
class MachineImportTest {
    @TempDir
    private Path folder;

    private static final String INTEL = "00:00.0 Host bridge [0600]: Intel Corporation Host Bridge [8086:3ec2]\n"
            + "00:02.0 VGA compatible controller [0300]: Intel Corporation UHD [8086:3e92]\n";
    private static final String AMD = "00:00.0 Host bridge [0600]: Advanced Micro Devices, Inc. [AMD] Root Complex [1022:1480]\n"
            + "00:00.2 IOMMU [0806]: Advanced Micro Devices, Inc. [AMD] IOMMU [1022:1481]\n"
            + "00:01.0 Host bridge [0600]: Advanced Micro Devices, Inc. [AMD] Dummy [1022:1482]\n";

    private MachineDescription read(String text) throws IOException {
        return MachineDescription.read(MachineImport.folder(Files.writeString(folder.resolve("any-name.txt"), text)));
    }

    @Test
    void withoutATableTheSimplestOfTheMakerIsAssumedAndSaid() throws IOException {
        var intel = read(INTEL);
        assertThat(intel.warnings()).anyMatch(warning -> warning.startsWith("There is no DMAR table"));
        assertThat(intel.inputOf(PciAddress.parse("00:02.0"))).isPresent();
        var amd = read(AMD);
        assertThat(amd.warnings()).anyMatch(warning -> warning.startsWith("There is no IVRS table"));
        assertThat(amd.inputOf(PciAddress.parse("00:00.0"))).isEmpty();
        assertThat(amd.inputOf(PciAddress.parse("00:00.2"))).isEmpty();
        assertThat(amd.inputOf(PciAddress.parse("00:01.0"))).isPresent();
        assertThat(PciCapabilities.find(amd.pci().find(PciAddress.parse("00:00.2")).orElseThrow().image(), CapabilityId.SECURE_DEVICE.code()))
                .as("where a driver looks for it, with interrupts for what it reports").hasValue(amd.ivrs().orElseThrow().units().get(0).capabilityOffset());
        assertThat(PciCapabilities.find(amd.pci().find(PciAddress.parse("00:00.2")).orElseThrow().image(), CapabilityId.MSI.code())).isPresent();
        assertThat(read(AMD.replaceAll("00:00.2.*\n", "")).units()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
    void whatWasSavedOnWindowsIsReadAsWell(String charset) throws IOException {
        var file = Files.writeString(folder.resolve("saved.txt"), "\ufeff" + INTEL.replace("\n", "\r\n"), Charset.forName(charset));
        assertThat(MachineDescription.read(MachineImport.folder(file)).pci().functions()).hasSameSizeAs(read(INTEL).pci().functions());
    }

    @ParameterizedTest
    @ValueSource(strings = {"> ", ">> ", "[    1.234567] "})
    void whatWasQuotedInAMailOrALogIsReadAsWell(String quote) throws IOException {
        assertThat(read(INTEL.replaceAll("(?m)^", java.util.regex.Matcher.quoteReplacement(quote))).pci().functions())
                .hasSameSizeAs(read(INTEL).pci().functions());
    }

    @Test
    void aFileIsCalledByItsOwnName() throws IOException {
        var file = Files.writeString(folder.resolve("holiday.txt"), "sun\n");
        assertThatThrownBy(() -> MachineDescription.read(MachineImport.folder(file))).hasMessageStartingWith(file + ", line 1");
    }

    @Test
    void aSysfsTreeByLinksAndWithout() throws IOException {
        var image = PciText.parseLspci(Shared.file(Shared.data("machines/asus-alderlake-laptop").resolve("lspci.txt")));
        var flat = Files.createDirectories(folder.resolve("flat/bus/pci/devices"));
        var nested = Files.createDirectories(folder.resolve("nested/devices/pci0000:00"));
        var tree = PciTree.of(image);
        for (var node : tree.functions()) {
            Files.write(Files.createDirectories(flat.resolve(node.address().toString())).resolve("config"), node.image().config());
            var place = nested;
            var up = tree.parent(node);
            if (up.isPresent()) {
                place = nested.resolve(up.get().address().toString());
                for (var above = tree.parent(up.get()); above.isPresent(); above = tree.parent(above.get())) {
                    place = nested.resolve(above.get().address().toString()).resolve(nested.relativize(place));
                }
            }
            Files.write(Files.createDirectories(place.resolve(node.address().toString())).resolve("config"), node.image().config());
        }
        for (var root : new String[] {"flat", "nested"}) {
            var machine = MachineDescription.read(MachineImport.folder(folder.resolve(root)));
            assertThat(machine.pci().functions()).as(root).hasSameSizeAs(image);
            assertThat(machine.pci().find(PciAddress.parse("01:00.0")).orElseThrow().image().config()).isEqualTo(
                    tree.find(PciAddress.parse("01:00.0")).orElseThrow().image().config());
        }
        assertThat(MachineImport.accepts(folder.resolve("flat"))).isTrue();
    }

    @Test
    void whatIsHiddenFromOthersThanRootIsSaid() throws IOException {
        var device = Files.createDirectories(folder.resolve("sys/bus/pci/devices/0000:00:00.0"));
        var config = new byte[64];
        config[0] = (byte) 0x86;
        config[1] = (byte) 0x80;
        config[0x0b] = 6;
        Files.write(device.resolve("config"), config);
        assertThat(MachineDescription.read(MachineImport.folder(folder.resolve("sys"))).warnings()).anyMatch(warning -> warning.contains("root"));
    }

    @Test
    void whatIsNoMachineIsRefused() throws IOException {
        assertThat(MachineImport.accepts(folder)).isFalse();
        assertThatThrownBy(() -> MachineImport.folder(folder)).isInstanceOf(IommuException.class).hasMessageContaining("no machine");
        assertThatThrownBy(() -> MachineImport.folder(folder.resolve("nowhere"))).isInstanceOf(IommuException.class);
        var device = Files.createDirectories(folder.resolve("s/bus/pci/devices/0000:00:00.0"));
        Files.write(device.resolve("config"), new byte[3]);
        assertThatThrownBy(() -> MachineDescription.read(MachineImport.folder(folder.resolve("s")))).isInstanceOf(IommuException.class)
                .hasMessageContaining("3 bytes");
    }
}
