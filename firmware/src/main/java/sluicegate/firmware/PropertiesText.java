package sluicegate.firmware;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Reads a file in the format of {@link Properties}, in UTF-8, and keeps what {@code Properties} forgets: the line of each
 * key, and that a key was there before.
 */
final class PropertiesText {

    private PropertiesText() {}

    /**
     * One setting.
     *
     * @param line where its first line is, counted from 1
     */
    record Entry(FirmwareFile file, int line, String key, String value) {
        /** EINVAL with file, line and key. */
        RuntimeException bad(String format, Object... args) {
            return file.malformedLine(line, "%s = %s: %s", key, value, String.format(format, args));
        }
    }

    /** The settings in the order of the file. */
    static Map<String, Entry> parse(FirmwareFile file) {
        var entries = new LinkedHashMap<String, Entry>();
        var lines = file.text().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            int first = i;
            var logical = new ArrayList<>(List.of(lines.get(i)));
            if (!isComment(lines.get(i))) {
                while (continues(lines.get(i)) && i + 1 < lines.size()) {
                    logical.add(lines.get(++i));
                }
            }
            for (var setting : load(file, first + 1, String.join("\n", logical)).entrySet()) {
                var entry = new Entry(file, first + 1, (String) setting.getKey(), (String) setting.getValue());
                var other = entries.put(entry.key(), entry);
                if (other != null) {
                    throw entry.bad("the key is in line %d already", other.line());
                }
            }
        }
        return entries;
    }

    private static Properties load(FirmwareFile file, int line, String text) {
        var properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IllegalArgumentException e) {
            throw file.malformedLine(line, "'%s' is no setting: %s", text, e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    private static boolean isComment(String line) {
        var text = line.stripLeading();
        return text.startsWith("#") || text.startsWith("!");
    }

    /** An odd number of backslashes at the end. */
    private static boolean continues(String line) {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == '\\') {
            end--;
        }
        return (line.length() - end) % 2 == 1;
    }
}
