package sluicegate.machine.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** Where in the physical address space there is memory: ranges in ascending order, with holes between them. Immutable. */
public final class AddressMap {
    /** The highest address space that a memory representation has to index: 16 TiB. */
    static final long SPAN_LIMIT = 1L << 44;
    private static final long PAGE = 4096;

    private final List<Range> ranges;
    private final long size;

    /**
     * A stretch of memory.
     *
     * @param start first physical address
     * @param length in bytes
     */
    public record Range(long start, long length) {
        /** The first address behind it. */
        public long limit() {
            return start + length;
        }
    }

    /**
     * @param ranges in any order
     * @throws IommuException EINVAL for no range, one that is not made of whole pages of 4 KiB or passes 16 TiB, or an overlap
     */
    public AddressMap(List<Range> ranges) {
        if (ranges.isEmpty()) {
            throw new IommuException(Errno.EINVAL, "A machine needs at least one range of memory");
        }
        var sorted = ranges.stream().sorted(Comparator.comparingLong(Range::start)).toList();
        long free = 0;
        long total = 0;
        for (var range : sorted) {
            check(range, free);
            free = range.limit();
            total += range.length();
        }
        this.ranges = merged(sorted);
        this.size = total;
    }

    private static void check(Range range, long free) {
        if (range.start() < 0 || range.length() <= 0 || (range.start() | range.length()) % PAGE != 0
                || range.start() > SPAN_LIMIT || range.length() > SPAN_LIMIT - range.start()) {
            throw IommuException.of(Errno.EINVAL,
                    "Memory at %s with a length of %s: give whole pages of 4 KiB below %s",
                    Hex.of(range.start()), Hex.of(range.length()), Hex.of(SPAN_LIMIT));
        }
        if (range.start() < free) {
            throw IommuException.of(Errno.EINVAL, "Memory %s overlaps the range before it, which ends at %s",
                    Hex.range(range.start(), range.length()), Hex.of(free - 1));
        }
    }

    private static List<Range> merged(List<Range> sorted) {
        var result = new ArrayList<Range>();
        for (var range : sorted) {
            int last = result.size() - 1;
            if (last >= 0 && result.get(last).limit() == range.start()) {
                result.set(last, new Range(result.get(last).start(), result.get(last).length() + range.length()));
            } else {
                result.add(range);
            }
        }
        return List.copyOf(result);
    }

    /** The ranges, ascending; no two of them touch. */
    public List<Range> ranges() {
        return ranges;
    }

    /** Bytes of memory, without the holes. */
    public long size() {
        return size;
    }

    /** The first address behind all memory. */
    public long limit() {
        return ranges.get(ranges.size() - 1).limit();
    }

    /** Whether all of {@code [address, address + length)} is memory; an empty range is where its address is. */
    public boolean contains(long address, long length) {
        if (address < 0 || length < 0) {
            return false;
        }
        for (var range : ranges) {
            if (address >= range.start() && address < range.limit()) {
                return length <= range.limit() - address;
            }
        }
        return false;
    }
}
