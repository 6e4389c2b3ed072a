package sluicegate.firmware;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PropertiesText.Entry;

/**
 * A machine made of several: their units and devices over one memory, each part on PCI segments of its own. Immutable.
 *
 * <p>It is described by a folder with a file {@code parts.properties}: {@code parts} names machine descriptions, {@code memory}
 * and {@code description} are as in a {@code machine.properties}; the memory of the parts doesn't count.
 *
 * @param name of the folder
 * @param description one line for people
 * @param memory where RAM is, ascending
 * @param parts the machine descriptions, at least one, each once; their segments follow one another in this order
 */
public record MachineParts(String name, String description, List<MemoryRange> memory, List<String> parts) {
    private static final String FILE = "parts.properties";
    private static final String PARTS = "parts";

    public MachineParts {
        memory = List.copyOf(memory);
        parts = List.copyOf(parts);
    }

    /** Whether a folder describes such a machine. */
    public static boolean accepts(FirmwareFolder folder) {
        return folder.contains(FILE);
    }

    /** The line for people, without reading more than it takes. */
    public static String describe(FirmwareFolder folder) {
        return value(PropertiesText.parse(folder.read(FILE)), SettingKeys.DESCRIPTION, folder.name());
    }

    /**
     * Reads the description.
     *
     * @throws IommuException EINVAL with file, line and rule; ENOENT if the folder is no such description
     */
    public static MachineParts read(FirmwareFolder folder) {
        var file = folder.read(FILE);
        var settings = PropertiesText.parse(file);
        for (var entry : settings.values()) {
            if (!List.of(SettingKeys.DESCRIPTION, SettingKeys.MEMORY, PARTS).contains(entry.key())) {
                throw entry.bad("there is no such key; there are %s, %s and %s", SettingKeys.DESCRIPTION, SettingKeys.MEMORY, PARTS);
            }
        }
        var parts = settings.get(PARTS);
        if (parts == null) {
            throw IommuException.of(Errno.EINVAL, "%s: it has to say of which machines it is made: parts = a, b", file.path());
        }
        var names = Arrays.stream(parts.value().strip().split("\\s*,\\s*", -1)).toList();
        if (names.stream().anyMatch(String::isEmpty) || names.stream().distinct().count() != names.size()) {
            throw parts.bad("name machines, each once, with commas between them");
        }
        var memory = settings.get(SettingKeys.MEMORY);
        if (memory == null) {
            throw IommuException.of(Errno.EINVAL, "%s: it has to say how much memory there is: memory = 256M", file.path());
        }
        try {
            return new MachineParts(folder.name(), value(settings, SettingKeys.DESCRIPTION, folder.name()),
                    MemoryRange.parseList(memory.value()), names);
        } catch (IommuException e) {
            throw memory.bad("%s", e.getMessage());
        }
    }

    private static String value(Map<String, Entry> settings, String key, String otherwise) {
        var entry = settings.get(key);
        return entry == null ? otherwise : entry.value().strip();
    }
}
