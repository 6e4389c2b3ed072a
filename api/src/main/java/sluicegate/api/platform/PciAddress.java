package sluicegate.api.platform;

import java.util.regex.Pattern;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * Where a PCI function is, printed as {@code 0000:00:1f.2}.
 *
 * @param segment 0 to 0xffff (wider where a virtual domain is numbered so)
 * @param bus 0 to 255
 * @param device 0 to 31
 * @param function 0 to 7
 */
public record PciAddress(int segment, int bus, int device, int function) implements Comparable<PciAddress> {
    private static final Pattern SYNTAX =
            Pattern.compile("(?:([0-9a-fA-F]{4,8}):)?([0-9a-fA-F]{2}):([0-9a-fA-F]{2})\\.([0-7])");

    public PciAddress {
        if (segment < 0 || bus >>> 8 != 0 || device >>> 5 != 0 || function >>> 3 != 0) {
            throw IommuException.of(Errno.EINVAL, "%x:%x:%x.%x is no PCI address", segment, bus, device, function);
        }
    }

    /** The function that a requester id names in a segment. */
    public static PciAddress of(int segment, int requesterId) {
        return new PciAddress(segment, requesterId >>> 8, requesterId >>> 3 & 0x1f, requesterId & 7);
    }

    /**
     * Reads {@code 0000:00:1f.2}, or {@code 00:1f.2} in segment 0.
     *
     * @throws IommuException EINVAL for anything else
     */
    public static PciAddress parse(String text) {
        var matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new IommuException(Errno.EINVAL, "'" + text + "' is no PCI address: write it as 0000:00:1f.2");
        }
        var segment = matcher.group(1) == null ? 0L : Long.parseLong(matcher.group(1), 16);
        if (segment > Integer.MAX_VALUE) {
            throw new IommuException(Errno.EINVAL, "'" + text + "' has a segment above 7fffffff");
        }
        return new PciAddress((int) segment, Integer.parseInt(matcher.group(2), 16),
                Integer.parseInt(matcher.group(3), 16), Integer.parseInt(matcher.group(4)));
    }

    /** Bus, device and function as its requests carry them: 16 bits. */
    public int requesterId() {
        return bus << 8 | device << 3 | function;
    }

    /** Device and function, 8 bits. */
    public int devfn() {
        return device << 3 | function;
    }

    @Override
    public int compareTo(PciAddress other) {
        return segment != other.segment
                ? Integer.compare(segment, other.segment)
                : Integer.compare(requesterId(), other.requesterId());
    }

    @Override
    public String toString() {
        return String.format("%04x:%02x:%02x.%x", segment, bus, device, function);
    }
}
