package sluicegate.api.driver;

/**
 * What an unmap leaves to be done: the range to invalidate and the table pages to free when that has completed
 * ({@code struct iommu_iotlb_gather}). Reused from call to call by its owner, so that unmapping allocates nothing; used by
 * one thread at a time.
 */
public final class IotlbGather {
    private long start = -1L;
    private long end;
    private long pageSize;
    private long[] tables = new long[16];
    private int tableCount;

    /**
     * Adds {@code [iova, iova + size)}.
     *
     * @param leafSize size in bytes of the pages that were mapped there
     */
    public void add(long iova, long size, long leafSize) {
        long last = iova + size - 1;
        if (isEmpty()) {
            start = iova;
            end = last;
            pageSize = leafSize;
        } else {
            start = Long.compareUnsigned(iova, start) < 0 ? iova : start;
            end = Long.compareUnsigned(last, end) > 0 ? last : end;
            pageSize = Math.min(pageSize, leafSize);
        }
    }

    /** Adds a page of a table that nothing points to any more. Its address is a multiple of 4096. */
    public void addTable(long address) {
        if (tableCount == tables.length) {
            tables = java.util.Arrays.copyOf(tables, 2 * tableCount);
        }
        tables[tableCount++] = address;
    }

    /** Whether no range was added. */
    public boolean isEmpty() {
        return pageSize == 0;
    }

    /** First address of the smallest range that holds all that was added. */
    public long start() {
        return start;
    }

    /** Last address of that range. */
    public long end() {
        return end;
    }

    /** Smallest page size that was mapped in it. */
    public long pageSize() {
        return pageSize;
    }

    /** Whether tables went too: then entries of upper levels must be invalidated as well as leaves. */
    public boolean hasTables() {
        return tableCount != 0;
    }

    public int tableCount() {
        return tableCount;
    }

    /** Address of table page {@code index}. */
    public long table(int index) {
        return tables[index];
    }

    /** Makes it empty for the next use. */
    public void reset() {
        start = -1L;
        end = 0;
        pageSize = 0;
        tableCount = 0;
    }
}
