package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.spec.acpi.DeviceScopeType;

/**
 * What other people's tools find in the same tables and trees: ACPICA's {@code iasl -d} (Debian's {@code acpica-tools}) and {@code dtc} ({@code
 * device-tree-compiler}). Where they are not installed, or the files are not there, the tests are skipped and say so.
 */
@DisplayName("What is read agrees with iasl and dtc:")
class DisassemblersTest {
    private static final int SECONDS = 30;
    /** The ANDD structure; that of 2020 has no more. */
    private static final int LAST_TYPE_OF_IASL = 4;
    /** {@code [030h 0048   2]   Subtable Type : 0000 [Hardware Unit Definition]}, or from 2021 on {@code [030h 0048 002h]}. */
    private static final Pattern FIELD = Pattern.compile("\\[([0-9A-F]+)h [0-9]+ +[0-9A-F]+h?\\] +(.*?) : ([0-9A-F]+).*");

    @TempDir
    Path folder;

    static Stream<Path> dmar() {
        return files("acpi/dmar", ".bin");
    }

    static Stream<Path> ivrs() {
        return files("acpi/ivrs", ".bin");
    }

    static Stream<Path> iort() {
        return files("acpi/iort", "");
    }

    static Stream<Path> trees() {
        return Stream.concat(files("devicetree", ".dtb"), files("qemu", ".dtb"));
    }

    private static Stream<Path> files(String folder, String end) {
        var data = Path.of("../../shared/data", folder);
        if (!Files.isDirectory(data)) {
            return Stream.of(data);
        }
        try (var all = Files.list(data)) {
            return all.filter(file -> file.toString().endsWith(end)).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> run(String program, String debianPackage, String... arguments) throws IOException, InterruptedException {
        assumeTrue(Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).anyMatch(path -> Files.isExecutable(Path.of(path, program))),
                () -> "skipped: " + program + " is not installed (Debian: " + debianPackage + ")");
        var command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        var said = folder.resolve("said");
        var process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(said.toFile()).start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        var lines = Files.readString(said, StandardCharsets.ISO_8859_1).lines().toList();
        assertThat(process.exitValue()).as("%s", lines).isZero();
        return lines;
    }

    /** A field of a disassembly: where in the table, what it is called, what it is. */
    private record Found(int offset, String name, int value) {}

    private List<Found> disassembled(Path table) throws IOException, InterruptedException {
        assumeTrue(Files.isRegularFile(table), () -> "skipped: " + table + " is not there");
        Files.copy(table, folder.resolve("table.dat"));
        run("iasl", "acpica-tools", "-d", "table.dat");
        return Files.readString(folder.resolve("table.dsl"), StandardCharsets.ISO_8859_1).lines().map(FIELD::matcher)
                .filter(field -> field.matches() && field.group(3).length() <= 8)
                .map(field -> new Found(Integer.parseInt(field.group(1), 16), field.group(2), Integer.parseUnsignedInt(field.group(3), 16)))
                .toList();
    }

    /** Values of a field by where they are. */
    private static Map<Integer, Integer> values(List<Found> found, String name) {
        var values = new TreeMap<Integer, Integer>();
        found.stream().filter(field -> field.name().equals(name)).forEach(field -> values.put(field.offset(), field.value()));
        return values;
    }

    @ParameterizedTest
    @MethodSource("dmar")
    @DisplayName("each structure of a DMAR and each of its scopes, where and of which kind")
    void dmar(Path file) throws IOException, InterruptedException {
        var found = disassembled(file);
        var table = Dmar.parse(Shared.file(file));

        var structures = new TreeMap<Integer, Integer>();
        table.units().forEach(each -> structures.put(each.offset(), 0));
        table.reservedMemory().forEach(each -> structures.put(each.offset(), 1));
        table.rootPortAts().forEach(each -> structures.put(each.offset(), 2));
        table.affinities().forEach(each -> structures.put(each.offset(), 3));
        table.namespaceDevices().forEach(each -> structures.put(each.offset(), 4));
        table.socAtc().forEach(each -> structures.put(each.offset(), 5));
        table.socProperties().forEach(each -> structures.put(each.offset(), 6));
        var theirs = values(found, "Subtable Type");
        if (table.units().isEmpty()) {
            assertThat(table.warnings()).as("why a kernel uses no unit").anyMatch(warning -> warning.contains("registers at 0x0"));
            theirs.values().removeIf(type -> type == 0);
        }
        // Where it meets a type that it does not know, iasl ends; the types that came later come last in a table.
        structures.values().removeIf(type -> type > LAST_TYPE_OF_IASL);
        theirs.values().removeIf(type -> type > LAST_TYPE_OF_IASL);
        assertThat(structures).isEqualTo(theirs);

        var scopes = new TreeMap<Integer, Integer>();
        Stream.of(table.units().stream().map(Dmar.Drhd::scopes), table.reservedMemory().stream().map(Dmar.Rmrr::scopes),
                        table.rootPortAts().stream().map(Dmar.Atsr::scopes)).flatMap(each -> each).flatMap(List::stream)
                .forEach(scope -> scopes.put(scope.offset(), scopeType(scope.kind())));
        if (!table.units().isEmpty()) {
            assertThat(scopes).isEqualTo(values(found, "Device Scope Type"));
        }
    }

    private static int scopeType(DeviceScope.Kind kind) {
        return switch (kind) {
            case PCI_ENDPOINT -> DeviceScopeType.PCI_ENDPOINT.code();
            case PCI_SUB_HIERARCHY -> DeviceScopeType.PCI_SUB_HIERARCHY.code();
            case IOAPIC -> DeviceScopeType.IO_APIC.code();
            case MSI_CAPABLE_HPET -> DeviceScopeType.HPET.code();
            case ACPI_NAMESPACE_DEVICE -> DeviceScopeType.ACPI_DEVICE.code();
        };
    }

    @ParameterizedTest
    @MethodSource("ivrs")
    @DisplayName("the blocks of an IVRS that a kernel uses, where and of which type, and its memory")
    void ivrs(Path file) throws IOException, InterruptedException {
        var blocks = values(disassembled(file), "Subtable Type");
        var table = Ivrs.parse(Shared.file(file));
        var used = table.units().stream().map(Ivrs.Unit::type).distinct().toList();
        assertThat(used).as("a kernel uses blocks of one type").hasSize(1);
        var units = new TreeMap<Integer, Integer>();
        table.units().forEach(unit -> units.put(unit.offset(), unit.type()));
        blocks.forEach((offset, type) -> {
            if (type.equals(used.get(0))) {
                assertThat(units).containsEntry(offset, type);
            }
        });
        assertThat(blocks).containsAllEntriesOf(units);
        assertThat(blocks.values().stream().filter(type -> type == 0x10 || type == 0x11 || type == 0x40)).as("the highest")
                .allMatch(type -> type <= used.get(0));
        assertThat(table.memory().stream().map(Ivrs.Memory::offset)).containsExactlyInAnyOrderElementsOf(
                blocks.entrySet().stream().filter(block -> block.getValue() >= 0x20 && block.getValue() <= 0x22).map(Map.Entry::getKey).toList());
    }

    @ParameterizedTest
    @MethodSource("iort")
    @DisplayName("each node of an IORT and each of its id mappings, where and of which type")
    void iort(Path file) throws IOException, InterruptedException {
        var found = disassembled(file);
        var table = Iort.parse(Shared.file(file));
        var nodes = new TreeMap<Integer, Integer>();
        var mappings = new TreeMap<Integer, Integer>();
        table.nodes().forEach(node -> {
            nodes.put(node.offset(), type(node));
            node.mappings().forEach(mapping -> mappings.put(mapping.offset(), (int) mapping.firstInput()));
            node.ownMapping().ifPresent(mapping -> mappings.put(mapping.offset(), (int) mapping.firstInput()));
        });
        assertThat(nodes).isEqualTo(values(found, "Type"));
        assertThat(mappings).isEqualTo(values(found, "Input base"));
    }

    private static int type(Iort.Node node) {
        return node instanceof Iort.ItsGroup ? 0 : node instanceof Iort.NamedComponent ? 1 : node instanceof Iort.RootComplex ? 2
                : node instanceof Iort.Smmu ? 3 : node instanceof Iort.SmmuV3 ? 4 : node instanceof Iort.Pmcg ? 5 : 6;
    }

    @ParameterizedTest
    @MethodSource("trees")
    @DisplayName("nodes and properties of a device tree, its IOMMUs, what is behind them, and reserved memory")
    void deviceTree(Path file) throws IOException, InterruptedException {
        assumeTrue(Files.isRegularFile(file), () -> "skipped: " + file + " is not there");
        var lines = run("dtc", "device-tree-compiler", "-q", "-I", "dtb", "-O", "dts", file.toAbsolutePath().toString()).stream()
                .map(String::strip).toList();
        var tree = DeviceTree.parse(Shared.file(file));
        var iommus = DeviceTreeIommus.of(tree);

        assertThat(tree.nodes().count()).as("nodes").isEqualTo(lines.stream().filter(line -> line.endsWith("{")).count());
        assertThat(tree.nodes().mapToLong(node -> node.properties().size()).sum()).as("properties").isEqualTo(lines.stream()
                .filter(line -> line.endsWith(";") && !line.equals("};") && !line.startsWith("/")).count());
        assertThat(iommus.units()).as("units").hasSize(count(lines, "#iommu-cells"));
        assertThat(iommus.masters()).as("devices behind them").hasSize(count(lines, "iommus"));
        assertThat(tree.nodes().filter(node -> node.has("iommu-map")).count()).as("buses behind them").isEqualTo(count(lines, "iommu-map"));
        assertThat(iommus.pciHosts().stream().filter(host -> !host.map().isEmpty()).map(DeviceTreeIommus.PciHost::node))
                .as("of which PCI is one kind, and fsl-mc another").allMatch(node -> node.has("iommu-map"));
        assertThat(iommus.reserved()).as("reserved memory").hasSize(childrenOf(lines, "reserved-memory"));
    }

    private static int count(List<String> lines, String property) {
        return (int) lines.stream().filter(line -> line.startsWith(property + " =") || line.equals(property + ";")).count();
    }

    private static int childrenOf(List<String> lines, String node) {
        int depth = 0;
        int inside = 0;
        int children = 0;
        for (var line : lines) {
            if (line.endsWith("{")) {
                depth++;
                if (inside != 0 && depth == inside + 1) {
                    children++;
                }
                if (depth == 2 && line.equals(node + " {")) {
                    inside = depth;
                }
            } else if (line.equals("};")) {
                inside = depth == inside ? 0 : inside;
                depth--;
            }
        }
        return children;
    }
}
