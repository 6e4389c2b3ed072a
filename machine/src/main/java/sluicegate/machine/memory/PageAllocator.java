package sluicegate.machine.memory;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * Which pages of 4 KiB of a machine are free: a buddy allocator that keeps naturally aligned power-of-two blocks, one
 * sorted set of free blocks for each size, and takes the lowest address first.
 *
 * <p>It knows addresses only and touches no memory. Thread-safe. The first MiB is never handed out: firmware, boot code and
 * null pointers live there.
 */
public final class PageAllocator {
    /** Size of a page in bytes. */
    public static final long PAGE = 4096;

    private static final long LOW_MEMORY = 1 << 20;
    private static final int PAGE_ORDER = 12;
    private static final int MAX_ORDER = 44;

    private final TreeSet<?>[] free = new TreeSet<?>[MAX_ORDER + 1];
    private final AddressMap map;
    private long freeBytes;

    /** @param reserved ranges that are never handed out; they may overlap and lie outside memory */
    public PageAllocator(AddressMap map, List<AddressMap.Range> reserved) {
        this.map = map;
        for (int order = 0; order <= MAX_ORDER; order++) {
            free[order] = new TreeSet<Long>();
        }
        for (var range : map.ranges()) {
            releaseUnreserved(Math.max(range.start(), LOW_MEMORY), range.limit(), reserved);
        }
    }

    private void releaseUnreserved(long start, long limit, List<AddressMap.Range> reserved) {
        long at = start;
        var inOrder = reserved.stream().sorted(Comparator.comparingLong(AddressMap.Range::start)).toList();
        for (var hole : inOrder) {
            long holeStart = hole.start() & -PAGE;
            if (holeStart > at && at < limit) {
                release(at, Math.min(holeStart, limit) - at);
            }
            at = Math.max(at, hole.limit() + PAGE - 1 & -PAGE);
        }
        if (at < limit) {
            release(at, limit - at);
        }
    }

    /** Bytes that are free. */
    public synchronized long freeBytes() {
        return freeBytes;
    }

    /**
     * Takes a block of consecutive pages.
     *
     * @param size in bytes, a multiple of {@link #PAGE}, at least that
     * @param alignment of its address, a power of two of at least {@link #PAGE}
     * @return its physical address
     * @throws IommuException ENOMEM if there is none
     */
    public synchronized long take(long size, long alignment) {
        int order = Math.max(orderOf(size), Long.numberOfTrailingZeros(alignment));
        int from = order;
        while (from <= MAX_ORDER && free[from].isEmpty()) {
            from++;
        }
        if (from > MAX_ORDER) {
            throw IommuException.of(Errno.ENOMEM,
                    "No block of %s bytes aligned to %s is left in memory; %s bytes are free in smaller ones",
                    Hex.of(size), Hex.of(alignment), Hex.of(freeBytes));
        }
        long block = blocks(from).pollFirst();
        freeBytes -= 1L << from;
        // The tail goes back, split into blocks that are aligned to their sizes.
        release(block + size, (1L << from) - size);
        return block;
    }

    /**
     * Gives pages back, not necessarily as they were taken. The caller guarantees that they were.
     */
    public synchronized void give(long address, long size) {
        if (!map.contains(address, size) || (address | size) % PAGE != 0) {
            throw IommuException.of(Errno.EINVAL, "%s can't be given back: it is not made of pages of memory",
                    Hex.range(address, size));
        }
        release(address, size);
    }

    private void release(long address, long size) {
        long at = address;
        long end = address + size;
        while (at < end) {
            int order = Math.min(MAX_ORDER, Math.min(at == 0 ? MAX_ORDER : Long.numberOfTrailingZeros(at),
                    Long.SIZE - 1 - Long.numberOfLeadingZeros(end - at)));
            insert(at, order);
            at += 1L << order;
        }
        freeBytes += size;
    }

    private void insert(long address, int order) {
        long block = address;
        int at = order;
        while (at < MAX_ORDER && blocks(at).remove(block ^ 1L << at)) {
            block &= ~(1L << at);
            at++;
        }
        blocks(at).add(block);
    }

    private static int orderOf(long size) {
        return Math.max(PAGE_ORDER, Long.SIZE - Long.numberOfLeadingZeros(size - 1));
    }

    @SuppressWarnings("unchecked")
    private TreeSet<Long> blocks(int order) {
        return (TreeSet<Long>) free[order];
    }
}
