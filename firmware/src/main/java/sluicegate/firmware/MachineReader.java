package sluicegate.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PropertiesText.Entry;
import sluicegate.spec.pci.ConfigHeader;

/** Reads a folder into a {@link MachineDescription}. Used once. */
final class MachineReader {
    private static final String CAPTURE = "capture.json";
    private static final String SETTINGS = "machine.properties";
    private static final String DEFAULT_MEMORY = "256M";
    /** Configuration space of one bus. */
    private static final int BUS_WINDOW = ConfigHeader.EXTENDED_CONFIG_SPACE << 8;

    private final FirmwareFolder folder;
    private List<PciConfigImage> functions;
    private final List<String> warnings = new ArrayList<>();

    MachineReader(FirmwareFolder folder) {
        this(folder, List.of(), List.of());
    }

    /** @param functions if they were read before */
    private MachineReader(FirmwareFolder folder, List<String> warnings, List<PciConfigImage> functions) {
        this.folder = folder;
        this.warnings.addAll(warnings);
        this.functions = functions;
    }

    static boolean accepts(FirmwareFolder folder) {
        return !folder.contains(CAPTURE) && folder.names().stream().anyMatch(MachineReader::isPciText);
    }

    String description() {
        return description(settings());
    }

    MachineDescription read() {
        if (folder.contains(CAPTURE)) {
            throw IommuException.of(Errno.EINVAL, "%s is a capture of a kernel, not a machine description: it has a %s",
                    folder, CAPTURE);
        }
        if (isImported() && folder.names().stream().noneMatch(MachineReader::isTable)) {
            var assumed = AssumedTables.of(pciFunctions());
            if (assumed.isPresent()) {
                warnings.add(0, assumed.get().warning());
                return new MachineReader(with(assumed.get()), warnings, pciFunctions()).read();
            }
            warnings.add(AssumedTables.none(pciFunctions()));
        }
        var settings = settings();
        var tables = tables(settings);
        SettingKeys.check(settings, tables.units());
        var pci = PciTree.of(pciFunctions());
        find("*topology.txt", MachineReader::isTopology).ifPresent(name -> warnings.add(String.format("%s: it lists no capabilities, "
                + "so every function counts as conventional PCI, without ACS, ATS or PASIDs; groups may be larger than on the machine "
                + "itself. Use the output of lspci -xxxx, named pci.txt, instead", folder.read(name).path())));
        var memory = memory(settings, tables.tree());
        var machine = describe(tables, folder.name(), description(settings), memory, pci, BusSettings.of(settings, pci));
        checkMemory(settings, memory, tables.dmar(), tables.ivrs(), tables.mcfg(), tables.units());
        return machine;
    }

    /** Reads the tables alone; what they don't tell is given. */
    MachineDescription readTables(String name, PciTree pci, List<MemoryRange> memory) {
        return describe(tables(Map.of()), name, name, memory, pci, BusSettings.NONE);
    }

    private record Tables(Optional<Dmar> dmar, List<VtdFeatures> vtd, Optional<Ivrs> ivrs, Optional<Iort> iort, OtherIommus others,
            Optional<DeviceTreeIommus> tree, Optional<Mcfg> mcfg, List<UnitDescription> units) {}

    private Tables tables(Map<String, Entry> settings) {
        var dmar = file("*dmar.bin").map(Dmar::parse);
        dmar.ifPresent(table -> warnings.addAll(table.warnings()));
        var ivrs = file("*ivrs.bin").map(Ivrs::parse);
        ivrs.ifPresent(table -> warnings.addAll(table.warnings()));
        var iort = file("*iort.bin").map(Iort::parse);
        iort.ifPresent(table -> warnings.addAll(table.warnings()));
        checkOneKind(dmar.map(Dmar::file), ivrs.map(Ivrs::file), iort.map(Iort::file));
        var others = new OtherIommus(file("*viot.bin").map(Viot::parse), file("*rimt.bin").map(Rimt::parse));
        others.viot().ifPresent(table -> warnings.addAll(table.warnings()));
        others.rimt().ifPresent(table -> warnings.addAll(table.warnings()));
        var tree = deviceTree();
        var mcfg = file("*mcfg.bin").map(Mcfg::parse);
        mcfg.ifPresent(table -> warnings.addAll(table.warnings()));
        var units = new UnitReader(settings, warnings);
        var vtd = dmar.map(units::addVtd).orElse(List.of());
        ivrs.ifPresent(units::addAmdvi);
        iort.ifPresent(units::addSmmus);
        if (dmar.isEmpty() && ivrs.isEmpty() && iort.isEmpty()) {
            tree.ifPresent(units::addSmmus);
        }
        var all = new ArrayList<UnitDescription>(units.units());
        all.addAll(others.units());
        return new Tables(dmar, vtd, ivrs, iort, others, tree, mcfg, all);
    }

    private MachineDescription describe(Tables tables, String name, String text, List<MemoryRange> memory, PciTree pci,
            BusSettings buses) {
        var scopes = tables.dmar().map(table -> DmarScopes.of(table, pci));
        scopes.ifPresent(found -> warnings.addAll(found.warnings()));
        var machine = new MachineDescription(name, text, memory, tables.dmar(), tables.vtd(), tables.mcfg(), pci, scopes,
                tables.ivrs(), tables.iort(), tables.others(), tables.tree(), tables.units(), buses, warnings);
        for (var unit : tables.units()) {
            unit.problem().ifPresent(problem -> warnings.add("There can be no unit " + unit.name() + ": " + problem));
        }
        machine.devices().stream().flatMap(device -> device.problem().stream()).forEach(warnings::add);
        warnings.addAll(new UnitPaths(machine).sharedIds());
        return machine.with(warnings);
    }

    /** IOMMUs of two makes would be two machines. */
    @SafeVarargs
    private void checkOneKind(Optional<String>... tables) {
        var files = Stream.of(tables).flatMap(Optional::stream).toList();
        if (files.size() > 1) {
            throw IommuException.of(Errno.EINVAL, "%s has tables of several kinds of IOMMUs: %s; a machine has IOMMUs of one kind",
                    folder, String.join(", ", files));
        }
    }

    private Optional<DeviceTreeIommus> deviceTree() {
        return file("*.dtb").map(source -> {
            var tree = DeviceTree.parse(source);
            warnings.addAll(tree.warnings());
            var found = DeviceTreeIommus.of(tree);
            warnings.addAll(found.warnings());
            return found;
        });
    }

    private Map<String, Entry> settings() {
        return folder.contains(SETTINGS) ? PropertiesText.parse(folder.read(SETTINGS)) : Map.of();
    }

    private String description(Map<String, Entry> settings) {
        var entry = settings.get(SettingKeys.DESCRIPTION);
        return entry == null ? folder.name() : entry.value().strip();
    }

    private List<PciConfigImage> pciFunctions() {
        if (functions.isEmpty()) {
            functions = readFunctions();
        }
        return functions;
    }

    private List<PciConfigImage> readFunctions() {
        var name = find("pci.txt, lspci.txt or *topology.txt", MachineReader::isPciText).orElseThrow(() -> IommuException.of(
                Errno.ENOENT, "%s has no pci.txt (as lspci -xxxx prints it), no lspci.txt (as lspci -nnvvv does) and no *topology.txt", folder));
        var file = folder.read(name);
        if (isLspci(name)) {
            var source = LspciText.read(file);
            warnings.addAll(source.lacks());
            return source.functions();
        }
        return isTopology(name) ? PciText.parseTopology(file) : PciText.parseLspci(file);
    }

    private static boolean isPciText(String name) {
        return name.equals("pci.txt") || isTopology(name) || isLspci(name);
    }

    /** What people have of real machines, which says less than a description that was made as one. */
    private static boolean isLspci(String name) {
        return name.equals(MachineImport.LSPCI);
    }

    private boolean isImported() {
        return folder.contains(MachineImport.LSPCI);
    }

    private static boolean isTable(String name) {
        return name.endsWith("dmar.bin") || name.endsWith("ivrs.bin") || name.endsWith("iort.bin") || name.endsWith("viot.bin") || name.endsWith("rimt.bin")
                || name.endsWith(".dtb");
    }

    private FirmwareFolder with(AssumedTables.Assumed assumed) {
        var names = new ArrayList<>(folder.names());
        names.add(assumed.name());
        return FirmwareFolder.of(folder.path(), names,
                name -> name.equals(assumed.name()) ? assumed.bytes() : folder.read(name).bytes());
    }

    private static boolean isTopology(String name) {
        return name.endsWith("topology.txt");
    }

    /** The one file whose name ends with what is behind the star, if there is one. */
    private Optional<FirmwareFile> file(String pattern) {
        return find(pattern, name -> name.endsWith(pattern.substring(1))).map(folder::read);
    }

    /** The one file of a kind. */
    private Optional<String> find(String kind, Predicate<String> matches) {
        var found = folder.names().stream().filter(matches).toList();
        if (found.size() > 1) {
            throw IommuException.of(Errno.EINVAL, "%s has several files %s: %s; a machine has one", folder, kind,
                    String.join(", ", found));
        }
        return found.stream().findFirst();
    }

    private static List<MemoryRange> memory(Map<String, Entry> settings, Optional<DeviceTreeIommus> tree) {
        var entry = settings.get(SettingKeys.MEMORY);
        var inTree = tree.map(DeviceTreeIommus::memory).orElse(List.of());
        if (entry == null && !inTree.isEmpty()) {
            return MemoryRange.sorted(inTree.stream().map(range -> new MemoryRange(range.start(), range.size())).toList());
        }
        try {
            return MemoryRange.parseList(entry == null ? DEFAULT_MEMORY : entry.value());
        } catch (IommuException e) {
            throw entry.bad("%s", e.getMessage());
        }
    }

    /** RAM may not lie where registers are, nor where no device can reach it. */
    private void checkMemory(Map<String, Entry> settings, List<MemoryRange> memory, Optional<Dmar> dmar, Optional<Ivrs> ivrs,
            Optional<Mcfg> mcfg, List<UnitDescription> units) {
        for (var range : memory) {
            dmar.ifPresent(table -> checkWidth(settings, range, table.hostAddressWidth(), table.file()));
            ivrs.filter(table -> table.info().physicalBits() > 0)
                    .ifPresent(table -> checkWidth(settings, range, table.info().physicalBits(), table.file()));
            units.stream().filter(unit -> range.overlaps(unit.base(), unit.registerSize())).findFirst()
                    .ifPresent(unit -> {
                        throw badMemory(settings, range, "is where the unit of %s has its registers: %s",
                                unit.origin(), Hex.range(unit.base(), unit.registerSize()));
                    });
            mcfg.ifPresent(table -> table.allocations().stream().filter(window -> range.overlaps(
                    window.base() + (long) window.startBus() * BUS_WINDOW,
                    (long) (window.endBus() - window.startBus() + 1) * BUS_WINDOW)).findFirst()
                    .ifPresent(window -> {
                        throw badMemory(settings, range, "is where %s, offset 0x%x, has configuration space: from %s on",
                                table.file(), window.offset(), Hex.of(window.base()));
                    }));
        }
    }

    private void checkWidth(Map<String, Entry> settings, MemoryRange range, int width, String table) {
        if (width < Long.SIZE && range.end() >>> width != 0) {
            throw badMemory(settings, range, "goes beyond the %d bits of host addresses in %s", width, table);
        }
    }

    private IommuException badMemory(Map<String, Entry> settings, MemoryRange range, String format, Object... args) {
        var entry = settings.get(SettingKeys.MEMORY);
        var where = entry == null ? folder + " (no memory is set)" : entry.file().line(entry.line());
        return new IommuException(Errno.EINVAL, where + ": memory " + range + " " + String.format(format, args));
    }
}
