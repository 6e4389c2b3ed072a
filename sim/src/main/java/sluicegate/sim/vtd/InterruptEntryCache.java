package sluicegate.sim.vtd;

import java.util.concurrent.atomic.AtomicReferenceArray;
import sluicegate.sim.cache.CacheEpoch;

/**
 * The interrupt entry cache (VT-d 6.2.7): entries of the interrupt remapping table by index. It has room for all, so an entry
 * stays until software invalidates it.
 *
 * <p>Reads take no lock and allocate nothing; fills and invalidations are rare and take turns.
 */
final class InterruptEntryCache {
    /** As many as an index can tell apart. */
    private static final int ENTRIES = 1 << 16;

    private final CacheEpoch epoch = new CacheEpoch();
    private final AtomicReferenceArray<InterruptEntry> entries = new AtomicReferenceArray<>(ENTRIES);

    /** To be read before an entry's memory is, and handed to {@link #fill}. */
    long since() {
        return epoch.current();
    }

    /** The entry, or null. */
    InterruptEntry find(int index) {
        return entries.getAcquire(index);
    }

    /** Keeps what was read from memory since {@code since}, unless something was invalidated in the meantime. */
    synchronized void fill(int index, InterruptEntry entry, long since) {
        if (epoch.current() == since) {
            entries.setRelease(index, entry);
        }
    }

    /** Forgets everything. */
    void invalidateAll() {
        remove(0, ENTRIES);
    }

    /**
     * Forgets some entries.
     *
     * @param indexMask how many low bits of the index do not count, 0 to 16
     */
    void invalidate(int index, int indexMask) {
        int count = 1 << indexMask;
        remove(index & -count, count);
    }

    private synchronized void remove(int first, int count) {
        epoch.advance();
        for (int index = first; index < first + count; index++) {
            entries.setRelease(index, null);
        }
    }
}
