package sluicegate.capture.files;

import java.util.Collections;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.FirmwareFile;

/**
 * {@code registers.tsv}: 32-bit words of the units' registers by physical address. Immutable.
 */
public final class RegisterFile {
    /** Name of the file. */
    public static final String NAME = "registers.tsv";

    private static final Pattern ADDRESS = Pattern.compile("0x[0-9a-fA-F]{1,16}");
    private static final Pattern WORD = Pattern.compile("0x[0-9a-fA-F]{1,8}");
    private static final int SHORT = 40;

    private final String path;
    private final NavigableMap<Long, Integer> words;

    private RegisterFile(String path, NavigableMap<Long, Integer> words) {
        this.path = path;
        this.words = words;
    }

    /**
     * Reads lines of an address and a value, with a tab between them, both in hex; a line that begins with {@code #} is a
     * comment.
     *
     * @throws IommuException EINVAL with file, line and rule for anything else, an address that is no multiple of 4, or one that
     *     is there twice
     */
    public static RegisterFile parse(FirmwareFile file) {
        var words = new TreeMap<Long, Integer>(Long::compareUnsigned);
        int number = 0;
        for (var line : (Iterable<String>) file.text().lines()::iterator) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            var cells = line.split("\t", -1);
            if (cells.length != 2 || !ADDRESS.matcher(cells[0]).matches() || !WORD.matcher(cells[1]).matches()) {
                throw Malformed.line(file, number, "'%s' is not an address and a 32-bit value in hex with a tab between them",
                        line.length() <= SHORT ? line : line.substring(0, SHORT) + "...");
            }
            long address = Hex.parse(cells[0]);
            if (address % 4 != 0) {
                throw Malformed.line(file, number, "the address %s is no multiple of 4", Hex.of(address));
            }
            if (words.put(address, (int) Hex.parse(cells[1])) != null) {
                throw Malformed.line(file, number, "the address %s is there twice", Hex.of(address));
            }
        }
        return new RegisterFile(file.path(), words);
    }

    /** How messages name the file. */
    public String path() {
        return path;
    }

    /** All words, by ascending address. */
    public SortedMap<Long, Integer> words() {
        return Collections.unmodifiableSortedMap(words);
    }

    /** The words of {@code [from, to)}; from {@code from} on if {@code to} is 0. */
    public SortedMap<Long, Integer> words(long from, long to) {
        return Collections.unmodifiableSortedMap(to == 0 ? words.tailMap(from, true) : words.subMap(from, true, to, false));
    }
}
