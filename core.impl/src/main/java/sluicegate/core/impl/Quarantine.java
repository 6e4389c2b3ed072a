package sluicegate.core.impl;

import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.core.impl.ledger.MappingLedger;

/**
 * What the tables of a domain hold no more but the hardware may still remember: it must not be mapped anew, nor its table pages
 * used for anything else, before the hardware has forgotten it. What waits here was put off on purpose (the flush queue of a
 * DMA-FQ domain, {@code drivers/iommu/dma-iommu.c}) or could not be invalidated.
 *
 * <p>A flush covers all that came before it, so nothing has to be counted as in the kernel's queues, which fill while
 * another CPU flushes. Used under the domain's mutex.
 */
final class Quarantine {
    /** How many ranges wait at most; the next one is followed by a flush at once ({@code IOVA_DEFAULT_FQ_SIZE}). */
    static final int CAPACITY = 256;

    private static final int OWNED = 1;

    /** Takes a range back. Must not throw. */
    @FunctionalInterface
    interface RangeSink {
        void free(long iova, long size);
    }

    private RangeSink sink = (iova, size) -> { };
    private final MappingLedger ranges = new MappingLedger();
    private final IotlbGather gather = new IotlbGather();

    /** Takes what an unmap clears. It waits here from then on, its range only once it is {@link #add added}. */
    IotlbGather gather() {
        return gather;
    }

    void add(long iova, long size) {
        ranges.insert(iova, 0, size, 0);
    }

    /** The same for a range of which {@link #whenForgotten} is to be told. */
    void addOwned(long iova, long size) {
        ranges.insert(iova, 0, size, OWNED);
    }

    /** Who takes ranges back that are {@link #addOwned owned}, once the hardware has forgotten them. */
    void whenForgotten(RangeSink taker) {
        sink = taker;
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    boolean isFull() {
        return ranges.size() >= CAPACITY;
    }

    boolean overlaps(long first, long last) {
        return ranges.overlapping(first, last) != MappingLedger.NONE;
    }

    /**
     * Makes the hardware forget all that waits; returns when it has.
     *
     * @throws RuntimeException what the driver throws; all goes on waiting then
     */
    void flush(DriverDomain part) {
        if (!gather.isEmpty() || gather.hasTables()) {
            part.iotlbSync(gather);
        }
        clear();
    }

    /** Nobody remembers anything any more: the driver's part is gone. */
    void clear() {
        gather.reset();
        for (long p = ranges.first(); p != MappingLedger.NONE; p = ranges.next(p)) {
            if (ranges.protAt(p) == OWNED) {
                sink.free(ranges.startAt(p), ranges.sizeAt(p));
            }
        }
        ranges.clear();
    }
}
