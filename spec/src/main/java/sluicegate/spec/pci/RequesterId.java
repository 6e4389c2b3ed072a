package sluicegate.spec.pci;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Requester id: which function a request comes from. Also called routing id, source id and, printed, BDF.
 *
 * <pre>
 *   15 8   7    3   2      0
 * +------+--------+----------+
 * |  BUS | DEVICE | FUNCTION |
 * +------+--------+----------+
 * </pre>
 */
public final class RequesterId {

    private static final String SECTION = "PCIe 2.2.4.2";

    /** Bits 15:8: bus number. */
    public static final Field BUS = Field.bits("BUS", 15, 8, SECTION, "bus number");
    /** Bits 7:3: device number. */
    public static final Field DEVICE = Field.bits("DEVICE", 7, 3, SECTION, "device number");
    /** Bits 2:0: function number. */
    public static final Field FUNCTION = Field.bits("FUNCTION", 2, 0, SECTION, "function number");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("RequesterId", SECTION, 16, BUS, DEVICE, FUNCTION);

    /** How many requester ids there are on a segment. */
    public static final int COUNT = 0x10000;

    private static final Pattern TEXT = Pattern.compile(
            "(?:0x)?([0-9a-fA-F]{1,2}):(?:0x)?([0-9a-fA-F]{1,2})\\.([0-7])");

    private RequesterId() {
    }

    /**
     * The id of a function.
     *
     * @throws IllegalArgumentException if a number is out of range
     */
    public static int of(int bus, int device, int function) {
        return (int) FUNCTION.set(DEVICE.set(BUS.set(0, bus), device), function);
    }

    /** The bus number. */
    public static int bus(int id) {
        return (int) BUS.get(id);
    }

    /** The device number. */
    public static int device(int id) {
        return (int) DEVICE.get(id);
    }

    /** The function number. */
    public static int function(int id) {
        return (int) FUNCTION.get(id);
    }

    /** Device and function number in one byte, the index into a table of one bus. */
    public static int devfn(int id) {
        return id & 0xFF;
    }

    /** The id in the usual form, {@code 00:1f.3}. */
    public static String toString(int id) {
        return String.format("%02x:%02x.%x", bus(id), device(id), function(id));
    }

    /**
     * Reads {@code 00:1f.3}; {@code 0x00:0x1f.3}, which some kernels print, is understood as well.
     *
     * @throws IllegalArgumentException if the text is no requester id
     */
    public static int parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (matcher.matches()) {
            int device = Integer.parseInt(matcher.group(2), 16);
            if (device <= 0x1F) {
                return of(Integer.parseInt(matcher.group(1), 16), device, Integer.parseInt(matcher.group(3)));
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is no requester id, which looks like 00:1f.3");
    }
}
