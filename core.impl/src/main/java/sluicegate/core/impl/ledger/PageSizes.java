package sluicegate.core.impl.ledger;

import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * Cuts a range into pages as {@code iommu_pgsize} in {@code drivers/iommu/iommu.c} does: the largest page that alignment
 * and size allow, then as many of that size as bring the address to where a larger one fits.
 *
 * <p>The cut of a range is the same whether the range is whole or ends at one of its page boundaries. So the ledger need not
 * store page sizes: they follow from what it stores anyway.
 */
public final class PageSizes {
    private PageSizes() {}

    /** The smallest of {@code sizes}. */
    public static long smallest(long sizes) {
        return Long.lowestOneBit(sizes);
    }

    /**
     * The largest page of {@code sizes} with which a mapping of {@code size} bytes can begin.
     *
     * @param merged IOVA and physical address, or-ed together
     * @throws IommuException EINVAL if the range is not a multiple of the smallest page
     */
    public static long pageSize(long sizes, long merged, long size) {
        int index = 63 - Long.numberOfLeadingZeros(size);
        if (merged != 0) {
            index = Math.min(index, Long.numberOfTrailingZeros(merged));
        }
        long fitting = sizes & (index == 63 ? -1L : (1L << index + 1) - 1);
        if (fitting == 0) {
            throw IommuException.of(Errno.EINVAL, "A range of %s bytes at %s holds no page of sizes %s",
                    Hex.of(size), Hex.of(merged), Hex.of(sizes));
        }
        return Long.highestOneBit(fitting);
    }

    /** How many pages of {@code pageSize}, as {@link #pageSize} chose it, are to follow each other. */
    public static long count(long sizes, long pageSize, long iova, long address, long size) {
        long run = size;
        long larger = sizes & ~(pageSize - 1) & ~pageSize;
        if (larger != 0) {
            long next = Long.lowestOneBit(larger);
            if (((iova ^ address) & next - 1) == 0) {
                long offset = next - ((iova | address) & next - 1);
                long end = offset + next;
                boolean overflow = Long.compareUnsigned(end, offset) < 0;
                if (!overflow && Long.compareUnsigned(end, size) <= 0) {
                    run = offset;
                }
            }
        }
        return Long.divideUnsigned(run, pageSize);
    }

    /** First IOVA of the page that holds {@code iova} in a mapping of {@code size} bytes from {@code start} on. */
    public static long pageStart(long sizes, long start, long address, long size, long iova) {
        long at = start;
        while (true) {
            long offset = at - start;
            long page = pageSize(sizes, at | address + offset, size - offset);
            long bytes = page * count(sizes, page, at, address + offset, size - offset);
            if (Long.compareUnsigned(iova - at, bytes) < 0) {
                return at + (iova - at & -page);
            }
            at += bytes;
        }
    }
}
