package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

@DisplayName("A machine description")
class MachineDescriptionTest {
    private static final String TOPOLOGY = "00:00.0 8086:29c0 class 060000\n00:05.0 1234:11e8 class 00ff00\n";

    @Test
    @DisplayName("that ships, the small one, has one unit in front of all its functions")
    void readsTheSmallMachine() {
        var machine = MachineDescription.read(Shared.machine("q35-vtd"));

        assertThat(machine.name()).isEqualTo("q35-vtd");
        assertThat(machine.description()).contains("edu");
        assertThat(machine.memory()).containsExactly(new MemoryRange(0, 256L << 20));
        assertThat(machine.warnings()).isEmpty();
        assertThat(machine.vtd()).singleElement().satisfies(features -> {
            assertThat(features.levels()).containsExactly(3, 4);
            assertThat(features.addressWidth()).isEqualTo(48);
        });
        assertThat(machine.pci().functions()).hasSize(6).allSatisfy(function ->
                assertThat(machine.dmarScopes().orElseThrow().unitOf(function.address())).isPresent());
        var nic = machine.pci().find(PciAddress.parse("00:02.0")).orElseThrow().image();
        assertThat(PciCapabilities.find(nic, 0x10)).as("PCI Express").isPresent();
        assertThat(PciCapabilities.find(nic, 0x05)).as("MSI").isPresent();
        assertThat(nic.size()).isEqualTo(4096);
    }

    @Test
    @DisplayName("that ships, the rich one, has a root complex that bypasses the unit")
    void readsTheRichMachine() {
        var machine = MachineDescription.read(Shared.machine("q35-vtd-rich"));
        var scopes = machine.dmarScopes().orElseThrow();

        assertThat(machine.warnings()).isEmpty();
        assertThat(machine.memory()).containsExactly(
                new MemoryRange(0, 2L << 30), new MemoryRange(4L << 30, 2L << 30));
        assertThat(machine.pci().rootBuses(0)).containsExactly(0x00, 0x20, 0x40);
        assertThat(machine.pci().functions()).allSatisfy(function -> assertThat(scopes.unitOf(function.address()).isPresent())
                .as("%s", function).isEqualTo(function.address().bus() < 0x40));
        assertThat(machine.vtd().get(0).deviceIotlb()).isTrue();
        assertThat(capability(machine, "00:04.0", 0x0d)).as("ACS of a root port").isTrue();
        assertThat(capability(machine, "01:00.0", 0x0f)).as("ATS").isTrue();
        assertThat(capability(machine, "09:00.0", 0x10)).as("SR-IOV").isTrue();
        assertThat(capability(machine, "08:00.1", 0x0d)).as("no ACS").isFalse();
        assertThat(machine.pci().find(PciAddress.parse("08:00.0")).orElseThrow().image().multifunction()).isTrue();
    }

    @Test
    @DisplayName("can be made from QEMU's tables and a list of functions")
    void readsSharedTables(@TempDir Path folder) throws IOException {
        for (var kind : new String[] {"basic", "rich"}) {
            var machineFolder = Files.createDirectory(folder.resolve(kind));
            for (var part : new String[] {"dmar.bin", "mcfg.bin", "topology.txt"}) {
                var name = "dmar-" + kind + "." + part;
                Files.copy(Shared.data("qemu/" + name), machineFolder.resolve(name));
            }
            var source = FirmwareFolder.of(machineFolder);
            assertThat(MachineDescription.accepts(source)).isTrue();
            var machine = MachineDescription.read(source);
            assertThat(machine.name()).isEqualTo(kind);
            assertThat(machine.description()).isEqualTo(kind);
            assertThat(machine.warnings()).singleElement().asString().as("what a list of functions does not say")
                    .contains("dmar-" + kind + ".topology.txt", "capabilities", "pci.txt");
            assertThat(machine.vtd()).containsExactly(VtdFeatures.DEFAULT);
            assertThat(machine.pci().functions()).allSatisfy(function -> assertThat(
                    machine.dmarScopes().orElseThrow().unitOf(function.address()).isPresent())
                    .as("%s", function).isEqualTo(function.address().bus() < 0x40));
        }
    }

    @Test
    @DisplayName("says what each unit can do, all of them or one of them")
    void readsFeatures() {
        var folder = folder("""
                description = two units
                memory = 4G-6G, 0-2G
                vtd.address-width = 39
                vtd.large-pages = 2M
                vtd.caching-mode = yes
                vtd.domain-ids = 256
                dmar1.address-width = 57
                dmar1.levels = 4, 5
                dmar1.large-pages = none
                dmar1.caching-mode = off
                dmar1.fault-records = 1
                dmar1.drain = no
                vtd.protected-low-memory = yes
                dmar1.protected-high-memory = yes
                dmar1.enhanced-root-pointer = yes
                """, new DmarBuilder().drhd(0, 0, 0xfed90000L).drhd(1, 0, 0xfed91000L).bytes());
        var machine = MachineDescription.read(folder);

        assertThat(MachineDescription.describe(folder)).isEqualTo("two units");
        assertThat(machine.memory()).extracting(MemoryRange::start).containsExactly(0L, 4L << 30);
        var first = machine.vtd().get(0);
        assertThat(first.addressWidth()).isEqualTo(39);
        assertThat(first.levels()).as("what the width takes").containsExactly(3);
        assertThat(first.pages2M()).isTrue();
        assertThat(first.pages1G()).isFalse();
        assertThat(first.cachingMode()).isTrue();
        assertThat(first.domainIdBits()).isEqualTo(8);
        assertThat(first.drain()).isTrue();
        var second = machine.vtd().get(1);
        assertThat(second.levels()).containsExactly(4, 5);
        assertThat(second.pages2M()).isFalse();
        assertThat(second.cachingMode()).isFalse();
        assertThat(second.faultRecords()).isEqualTo(1);
        assertThat(second.domainIdBits()).isEqualTo(8);
        assertThat(second.drain()).isFalse();
        assertThat(first.protectedLowMemory()).isTrue();
        assertThat(first.protectedHighMemory()).isFalse();
        assertThat(first.enhancedRootPointer()).isFalse();
        assertThat(second.protectedHighMemory()).isTrue();
        assertThat(second.enhancedRootPointer()).isTrue();
    }

    @Test
    @DisplayName("says what units can do in scalable mode")
    void readsScalableFeatures() {
        var machine = MachineDescription.read(folder("""
                vtd.scalable-mode = yes
                vtd.pasid-bits = 16
                vtd.extended-accessed = yes
                dmar1.first-stage = no
                dmar2.scalable-mode = no
                """, new DmarBuilder().drhd(0, 0, 0xfed90000L).drhd(1, 0, 0xfed91000L).drhd(1, 0, 0xfed92000L).bytes()));
        var first = machine.vtd().get(0).scalable();
        assertThat(first.supported()).isTrue();
        assertThat(first.firstStage()).isTrue();
        assertThat(first.nested()).isTrue();
        assertThat(first.pasidBits()).isEqualTo(16);
        assertThat(first.extendedAccessed()).isTrue();
        assertThat(first.fiveLevels()).isFalse();
        var second = machine.vtd().get(1).scalable();
        assertThat(second.secondStage()).isTrue();
        assertThat(second.firstStage()).isFalse();
        assertThat(second.nested()).as("it takes both stages").isFalse();
        assertThat(machine.vtd().get(2).scalable()).isEqualTo(VtdScalable.NONE);
    }

    @Test
    @DisplayName("is refused for settings that make no sense, with the line")
    void refusesBadSettings() {
        assertRefused("\nvtd.levles = 4\n", "line 2", "vtd.levles", "there is no such key", "vtd.levels", "description");
        assertRefused("dmar3.levels = 4\n", "line 1", "no such unit");
        assertRefused("memory = 1\n", "line 1", "4 KiB");
        assertRefused("memory = 0-2G, 1G-3G\n", "line 1", "overlap");
        assertRefused("memory = 2G-1G\n", "line 1");
        assertRefused("memory = lots\n", "line 1", "not a number");
        assertRefused("memory = 0-4G\n", "line 1", "registers", ".dmar.bin");
        assertRefused("memory = 1T\n", "line 1", "39 bits of host addresses");
        assertRefused("memory = 1G\n\nmemory = 2G\n", "line 3", "line 1 already");
        assertRefused("description = \\u12\n", "line 1");
    }

    @Test
    @DisplayName("has no unit whose own settings make no sense, and warns with the line")
    void saysWhichUnitsCannotBe() {
        assertNoUnit("vtd.levels = 6\n", "line 1", "'6'", "3, 4, 5");
        assertNoUnit("vtd.levels = 3\n", "line 1", "39 bits", "48");
        assertNoUnit("# a\\\nvtd.address-width = \\\n  40\n", "line 2", "40", "39, 48 and 57");
        assertNoUnit("vtd.caching-mode = maybe\n", "line 1", "yes or no");
        assertNoUnit("vtd.domain-ids = 100\n", "line 1", "65536");
        assertNoUnit("vtd.fault-records = 0\n", "line 1", "between 1 and 128");
        assertNoUnit("\nvtd.first-stage = yes\n", "line 2", "scalable-mode = yes");
        assertNoUnit("vtd.scalable-mode = yes\nvtd.pasid-bits = 21\n", "line 2", "21");
        assertNoUnit("vtd.interrupt-remapping = perhaps\n", "line 1", "perhaps");
        assertNoUnit("vtd.interrupt-posting = yes\n", "line 1");
        assertNoUnit("vtd.scalable-mode = yes\nvtd.first-stage = no\nvtd.nested = yes\n", "line 3", "both stages");
        assertNoUnit("vtd.fault-records = many\n", "line 1", "number");
    }

    @Test
    @DisplayName("has no VT-d settings without a VT-d unit")
    void refusesFeaturesOfNothing() {
        assertThatExceptionOfType(IommuException.class)
                .isThrownBy(() -> MachineDescription.read(folder(Map.of(
                        "pci-topology.txt", TOPOLOGY, "machine.properties", "vtd.levels = 4\n"))))
                .withMessageContaining("no VT-d unit");
        assertThat(MachineDescription.read(folder(Map.of("topology.txt", TOPOLOGY))).dmar()).isEmpty();
    }

    @Test
    @DisplayName("is one machine, and no capture of a kernel")
    void knowsWhatIsOneOfIts() {
        assertThat(MachineDescription.accepts(folder(Map.of("a.topology.txt", TOPOLOGY)))).isTrue();
        assertThat(MachineDescription.accepts(folder(Map.of("pci.txt", "", "capture.json", "{}")))).isFalse();
        assertThat(MachineDescription.accepts(folder(Map.of("readme.txt", "")))).isFalse();
        assertThatExceptionOfType(IommuException.class)
                .isThrownBy(() -> MachineDescription.read(folder(Map.of("readme.txt", ""))))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT)).withMessageContaining("pci.txt");
        assertThatExceptionOfType(IommuException.class)
                .isThrownBy(() -> MachineDescription.read(folder(Map.of("a.topology.txt", TOPOLOGY, "b.topology.txt", TOPOLOGY))))
                .withMessageContaining("a.topology.txt, b.topology.txt");
    }

    @Test
    @DisplayName("names the file of its folder that cannot be read")
    void namesFiles(@TempDir Path folder) throws IOException {
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> FirmwareFolder.of(folder.resolve("nowhere")))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT)).withMessageContaining("nowhere");
        var file = Files.writeString(folder.resolve("pci.txt"), "");
        var source = FirmwareFolder.of(folder);
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> source.read("../other"))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
        Files.delete(file);
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> source.read("pci.txt"))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EIO)).withMessageContaining(file.toString());
        var broken = FirmwareFolder.of("bundle:/x", List.of("pci.txt"), name -> {
            throw new UncheckedIOException(new IOException("gone"));
        });
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> MachineDescription.read(broken))
                .withMessageContaining("bundle:/x/pci.txt").withMessageContaining("gone");
    }

    private static boolean capability(MachineDescription machine, String function, int extendedId) {
        return PciCapabilities.findExtended(
                machine.pci().find(PciAddress.parse(function)).orElseThrow().image(), extendedId).isPresent();
    }

    private static void assertNoUnit(String settings, String... words) {
        var machine = MachineDescription.read(folder(settings, new DmarBuilder().drhd(1, 0, 0xfed90000L).bytes()));
        assertThat(machine.units().get(0).problem()).hasValueSatisfying(problem ->
                assertThat(problem).startsWith("machine/machine.properties, line ").contains(words));
        assertThat(machine.warnings()).anySatisfy(warning -> assertThat(warning).contains("no unit dmar0").contains(words));
    }

    private static void assertRefused(String settings, String... words) {
        var table = new DmarBuilder().drhd(1, 0, 0xfed90000L).bytes();
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> MachineDescription.read(folder(settings, table)))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .satisfies(e -> assertThat(e.getMessage()).startsWith("machine/machine.properties, line ").contains(words));
    }

    private static FirmwareFolder folder(String settings, byte[] dmar) {
        var files = new HashMap<String, byte[]>();
        files.put("x.topology.txt", TOPOLOGY.getBytes(StandardCharsets.UTF_8));
        files.put("x.dmar.bin", dmar);
        files.put("machine.properties", settings.getBytes(StandardCharsets.UTF_8));
        return FirmwareFolder.of("machine", files.keySet(), files::get);
    }

    private static FirmwareFolder folder(Map<String, String> texts) {
        var files = new TreeMap<String, byte[]>();
        texts.forEach((name, text) -> files.put(name, text.getBytes(StandardCharsets.UTF_8)));
        return FirmwareFolder.of("machine", files.keySet(), files::get);
    }
}
