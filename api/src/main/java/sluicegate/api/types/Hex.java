package sluicegate.api.types;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** How addresses and raw bytes are printed and read, everywhere the same: {@code 0x1000}, unsigned, no padding. */
public final class Hex {
    private static final Pattern NUMBER = Pattern.compile(
            "(?:0[xX](?<hex>[0-9a-fA-F]+)|(?<decimal>[0-9]+))(?:(?<unit>[KkMmGgTt])(?:i?[Bb])?)?");

    private Hex() {}

    /** {@code 0x} and the unsigned value in lower-case digits without leading zeros. */
    public static String of(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** A range as {@code [first, last]}, both inclusive, as the kernel prints reserved regions. */
    public static String range(long start, long length) {
        return "[" + of(start) + ", " + of(start + length - 1) + "]";
    }

    /** Bytes as lower-case digits in memory order, without a prefix. */
    public static String bytes(byte[] data) {
        return HexFormat.of().formatHex(data);
    }

    /**
     * Reads what {@link #bytes} prints, with an optional {@code 0x} in front.
     *
     * @throws IommuException EINVAL for an odd number of digits or a character that is none
     */
    public static byte[] parseBytes(String text) {
        var digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
        try {
            return HexFormat.of().parseHex(digits);
        } catch (IllegalArgumentException e) {
            throw new IommuException(Errno.EINVAL,
                    "'" + text + "' is not a string of bytes: give an even number of hex digits, such as 0xdeadbeef", e);
        }
    }

    /**
     * Reads an unsigned number: hexadecimal with {@code 0x}, else decimal, with an optional binary suffix {@code K},
     * {@code M}, {@code G} or {@code T} (also {@code KiB} and so on).
     *
     * @throws IommuException EINVAL if it is not a number, EOVERFLOW if it does not fit in 64 bits
     */
    public static long parse(String text) {
        var matcher = NUMBER.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IommuException(Errno.EINVAL,
                    "'" + text + "' is not a number: give it as 0x1000, 4096, 4K, 2M or 1G");
        }
        boolean hex = matcher.group("hex") != null;
        var value = new BigInteger(hex ? matcher.group("hex") : matcher.group("decimal"), hex ? 16 : 10);
        var unit = matcher.group("unit");
        if (unit != null) {
            value = value.shiftLeft(10 * (1 + "KMGT".indexOf(Character.toUpperCase(unit.charAt(0)))));
        }
        if (value.bitLength() > Long.SIZE) {
            throw new IommuException(Errno.EOVERFLOW, "'" + text + "' does not fit in 64 bits");
        }
        return value.longValue();
    }
}
