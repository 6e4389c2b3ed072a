package sluicegate.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PropertiesText.Entry;
import sluicegate.spec.pci.ConfigHeader;

/** Reads a folder into a {@link MachineDescription}. Used once. */
final class MachineReader {
    private static final String CAPTURE = "capture.json";
    private static final String SETTINGS = "machine.properties";
    private static final String DESCRIPTION = "description";
    private static final String MEMORY = "memory";
    private static final String DEFAULT_MEMORY = "256M";
    private static final Pattern UNIT_SETTING = Pattern.compile("dmar(?<unit>[0-9]{1,4})\\.(?<name>.*)");
    /** Configuration space of one bus. */
    private static final int BUS_WINDOW = ConfigHeader.EXTENDED_CONFIG_SPACE << 8;

    private final FirmwareFolder folder;

    MachineReader(FirmwareFolder folder) {
        this.folder = folder;
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
        var warnings = new ArrayList<String>();
        var settings = settings();
        var dmar = find("*dmar.bin", name -> name.endsWith("dmar.bin")).map(folder::read).map(Dmar::parse);
        dmar.ifPresent(table -> warnings.addAll(table.warnings()));
        var mcfg = find("*mcfg.bin", name -> name.endsWith("mcfg.bin")).map(folder::read).map(Mcfg::parse);
        mcfg.ifPresent(table -> warnings.addAll(table.warnings()));
        checkKeys(settings, dmar.map(table -> table.units().size()).orElse(0));
        var pci = PciTree.of(pciFunctions());
        find("*topology.txt", MachineReader::isTopology).ifPresent(name -> warnings.add(String.format("%s: it lists no capabilities, "
                + "so every function counts as conventional PCI, without ACS, ATS or PASIDs; groups may be larger than on the machine "
                + "itself. Use the output of lspci -xxxx, named pci.txt, instead", folder.read(name).path())));
        var scopes = dmar.map(table -> DmarScopes.of(table, pci));
        scopes.ifPresent(found -> warnings.addAll(found.warnings()));
        var memory = memory(settings);
        checkMemory(settings, memory, dmar, mcfg);
        return new MachineDescription(folder.name(), description(settings), memory, dmar,
                features(settings, dmar), mcfg, pci, scopes, warnings);
    }

    private Map<String, Entry> settings() {
        return folder.contains(SETTINGS) ? PropertiesText.parse(folder.read(SETTINGS)) : Map.of();
    }

    private String description(Map<String, Entry> settings) {
        var entry = settings.get(DESCRIPTION);
        return entry == null ? folder.name() : entry.value().strip();
    }

    private List<PciConfigImage> pciFunctions() {
        var name = find("pci.txt or *topology.txt", MachineReader::isPciText).orElseThrow(() -> IommuException.of(
                Errno.ENOENT, "%s has no pci.txt (as lspci -xxxx prints it) and no *topology.txt", folder));
        var file = folder.read(name);
        return isTopology(name) ? PciText.parseTopology(file) : PciText.parseLspci(file);
    }

    private static boolean isPciText(String name) {
        return name.equals("pci.txt") || isTopology(name);
    }

    private static boolean isTopology(String name) {
        return name.endsWith("topology.txt");
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

    private static void checkKeys(Map<String, Entry> settings, int units) {
        for (var entry : settings.values()) {
            var key = entry.key();
            var unit = UNIT_SETTING.matcher(key);
            boolean vtd = key.startsWith(VtdSettings.ALL_UNITS)
                    && VtdSettings.NAMES.contains(key.substring(VtdSettings.ALL_UNITS.length()));
            boolean ofUnit = unit.matches() && VtdSettings.NAMES.contains(unit.group("name"));
            if (!key.equals(DESCRIPTION) && !key.equals(MEMORY) && !vtd && !ofUnit) {
                throw entry.bad("there is no such key; there are %s, %s, %s, and dmar0.* with the same names for one unit",
                        DESCRIPTION, MEMORY, String.join(", ",
                                VtdSettings.NAMES.stream().map(VtdSettings.ALL_UNITS::concat).toList()));
            }
            if (vtd && units == 0) {
                throw entry.bad("the machine has no VT-d unit: there is no DMAR table, or none is in it");
            }
            if (ofUnit && Integer.parseInt(unit.group("unit")) >= units) {
                throw entry.bad("the machine has no such unit; the DMAR table has %d", units);
            }
        }
    }

    private static List<VtdFeatures> features(Map<String, Entry> settings, Optional<Dmar> dmar) {
        var features = new ArrayList<VtdFeatures>();
        for (int unit = 0; dmar.isPresent() && unit < dmar.get().units().size(); unit++) {
            features.add(VtdSettings.of(settings, unit));
        }
        return features;
    }

    private static List<MemoryRange> memory(Map<String, Entry> settings) {
        var entry = settings.get(MEMORY);
        try {
            return MemoryRange.parseList(entry == null ? DEFAULT_MEMORY : entry.value());
        } catch (IommuException e) {
            throw entry.bad("%s", e.getMessage());
        }
    }

    /** RAM may not lie where registers are, nor where no device can reach it. */
    private void checkMemory(
            Map<String, Entry> settings, List<MemoryRange> memory, Optional<Dmar> dmar, Optional<Mcfg> mcfg) {
        for (var range : memory) {
            dmar.ifPresent(table -> {
                int width = table.hostAddressWidth();
                if (width < Long.SIZE && range.end() >>> width != 0) {
                    throw badMemory(settings, range, "goes beyond the %d bits of host addresses in %s", width, table.file());
                }
                table.units().stream().filter(unit -> range.overlaps(unit.base(), unit.registerSize())).findFirst()
                        .ifPresent(unit -> {
                            throw badMemory(settings, range, "is where the unit of %s, offset 0x%x, has its registers: %s",
                                    table.file(), unit.offset(), Hex.range(unit.base(), unit.registerSize()));
                        });
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

    private IommuException badMemory(Map<String, Entry> settings, MemoryRange range, String format, Object... args) {
        var entry = settings.get(MEMORY);
        var where = entry == null ? folder + " (no memory is set: " + DEFAULT_MEMORY + ")" : entry.file().line(entry.line());
        return new IommuException(Errno.EINVAL, where + ": memory " + range + " " + String.format(format, args));
    }
}
