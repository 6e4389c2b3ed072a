package sluicegate.sim.smmuv3;

import java.util.BitSet;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.TranslationCache;

/**
 * What hardware may keep of a walk beside its result: which table of the last level serves a range of addresses, and what the tables
 * above it forbid. One cache for each granule, by the tags of the {@link Tlb}. Of a stage 1 under a stage 2 it keeps where the table is in
 * memory, so software has to invalidate the first stage too when it changes the second (4.4.3.1).
 *
 * <p>A walk that begins here and does not end at a page that grants the access is done again from the top, so software may give
 * permissions without an invalidation. What it takes away stays, until it invalidates without the hint Leaf (4.4.1). Thread-safe;
 * look-ups take no lock and allocate nothing.
 */
final class WalkCache {
    /** No word: the cache has none. */
    static final long NONE = TranslationCache.NONE;

    private static final int GRANULES = 3;
    private static final int SET_BITS = 9;
    private static final long ADDRESS = (1L << 52) - 1 & -1L << Granule.SHIFT_4K;
    /** Attributes stand where they are in descriptors, from bit 59 on; this bit is free there. */
    private static final long VALID = 1;

    private final TranslationCache[] tables = new TranslationCache[GRANULES];
    /** For which granules a table was ever kept, one bit each; set before the first is. */
    private volatile int used;

    WalkCache(CacheEpoch epoch) {
        for (int granule = 0; granule < GRANULES; granule++) {
            int shift = Granule.SHIFT_4K + 2 * granule;
            tables[granule] = new TranslationCache(SET_BITS, 2 * shift - 3, epoch);
        }
    }

    private static int number(int granuleShift) {
        return granuleShift - Granule.SHIFT_4K >>> 1;
    }

    /** What is known of the last table for an address, in a word for {@link #table} and {@link #hierarchy}; or {@link #NONE}. */
    long find(int tag, int granuleShift, long address) {
        return tables[number(granuleShift)].find(tag, address);
    }

    /** The physical address of a table. */
    static long table(long word) {
        return word & ADDRESS;
    }

    /** The attributes of the tables above it, or-ed. */
    static long hierarchy(long word) {
        return word & ~(ADDRESS | VALID);
    }

    /** Keeps a table that was read from memory since {@code since}, unless something was invalidated meanwhile. */
    void fill(int tag, int granuleShift, long address, long table, long hierarchy, long since) {
        if (since == CacheEpoch.NEVER || tag == AddressSpaceTags.NONE) {
            return;
        }
        int granule = number(granuleShift);
        if ((used & 1 << granule) == 0) {
            noteUsed(granule);
        }
        tables[granule].fill(tag, address, table | hierarchy | VALID, since);
    }

    private synchronized void noteUsed(int granule) {
        used |= 1 << granule;
    }

    /** Forgets the tables of an address space. The caller has advanced the epoch, here and below. */
    void invalidateTag(int tag) {
        for (int granule = 0; granule < GRANULES; granule++) {
            if ((used & 1 << granule) != 0) {
                tables[granule].invalidateTag(tag);
            }
        }
    }

    /** Forgets those of several. */
    void invalidateTags(BitSet tags) {
        for (int granule = 0; granule < GRANULES; granule++) {
            if ((used & 1 << granule) != 0) {
                tables[granule].invalidateTags(tags);
            }
        }
    }

    /** Forgets those that serve an address of a range. */
    void invalidatePages(int tag, long first, long last) {
        for (int granule = 0; granule < GRANULES; granule++) {
            if ((used & 1 << granule) != 0) {
                tables[granule].invalidatePages(tag, first, last);
            }
        }
    }

    /** The same of several address spaces. */
    void invalidatePages(BitSet tags, long first, long last) {
        for (int granule = 0; granule < GRANULES; granule++) {
            if ((used & 1 << granule) != 0) {
                tables[granule].invalidateMatching(tags, first, last, 0, 0);
            }
        }
    }
}
