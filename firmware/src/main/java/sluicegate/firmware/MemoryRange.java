package sluicegate.firmware;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * A stretch of RAM.
 *
 * @param start first physical address, a multiple of 4096
 * @param length size in bytes, a multiple of 4096, at least that; the range ends below 2^52, the most that x86 has
 */
public record MemoryRange(long start, long length) {
    private static final long PAGE = 4096;
    private static final long LIMIT = 1L << 52;

    /** @throws IommuException EINVAL if the rules above are broken */
    public MemoryRange {
        if (start < 0 || length <= 0 || start > LIMIT || length > LIMIT - start || ((start | length) & PAGE - 1) != 0) {
            throw IommuException.of(Errno.EINVAL, "Memory at %s with a size of %s is not one or more pages of 4 KiB below %s",
                    Hex.of(start), Hex.of(length), Hex.of(LIMIT));
        }
    }

    /** The last address. */
    public long end() {
        return start + length - 1;
    }

    /** Whether it shares an address with {@code [from, from + size)}. */
    public boolean overlaps(long from, long size) {
        return size != 0 && Long.compareUnsigned(from, end()) <= 0 && Long.compareUnsigned(start, from + size - 1) <= 0;
    }

    /**
     * Reads {@code 256M}, or ranges such as {@code 0-2G, 4G-6G} whose second number is the first address behind the range.
     * The result is ascending.
     *
     * @throws IommuException EINVAL for anything else, and for ranges that overlap
     */
    public static List<MemoryRange> parseList(String text) {
        var ranges = new ArrayList<MemoryRange>();
        for (var part : text.split(",", -1)) {
            var ends = part.strip().split("-", -1);
            if (ends.length > 2) {
                throw new IommuException(Errno.EINVAL, "'" + part.strip() + "' is no range: write it as 4G-6G");
            }
            long start = ends.length == 1 ? 0 : Hex.parse(ends[0]);
            long end = Hex.parse(ends[ends.length - 1]);
            ranges.add(new MemoryRange(start, end - start));
        }
        return sorted(ranges);
    }

    /**
     * Ranges in ascending order.
     *
     * @throws IommuException EINVAL for ranges that overlap
     */
    static List<MemoryRange> sorted(List<MemoryRange> unsorted) {
        var ranges = new ArrayList<>(unsorted);
        ranges.sort(Comparator.comparingLong(MemoryRange::start));
        for (int i = 1; i < ranges.size(); i++) {
            if (ranges.get(i - 1).overlaps(ranges.get(i).start(), ranges.get(i).length())) {
                throw IommuException.of(Errno.EINVAL, "%s and %s overlap", ranges.get(i - 1), ranges.get(i));
            }
        }
        return List.copyOf(ranges);
    }

    /** The range as {@code [0x0, 0xfffffff]}. */
    @Override
    public String toString() {
        return Hex.range(start, length);
    }
}
