package sluicegate.sim.amdvi;

import java.util.BitSet;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.cache.TranslationCache;

/**
 * Where the lowest tables are, by the 2 MiB that each translates and by what it belongs to: the entries above, which point to
 * tables, are read once and not again until software says that they have changed (PDE of INVALIDATE_IOMMU_PAGES, 2.4.3). Host
 * and guest tables have tags of their own, and each walker words of its own, which are never 0.
 *
 * <p>Addresses as in the {@link Iotlb}. Thread-safe; look-ups take no lock and allocate nothing.
 */
final class DirectoryCache {
    /** There is none. */
    static final long NONE = TranslationCache.NONE;

    /** What a table of the lowest level translates. */
    private static final int SHIFT = 21;
    private static final int SET_BITS = 9;

    private final TranslationCache tables;

    DirectoryCache(CacheEpoch epoch) {
        tables = new TranslationCache(SET_BITS, SHIFT, epoch);
    }

    /** Whether anything is kept for a tag and an address. */
    static boolean keeps(int tag, long address) {
        return tag != DomainTags.NONE && address >>> Iotlb.ADDRESS_BITS == 0;
    }

    long find(int tag, long address) {
        return tables.find(tag, address);
    }

    /** Keeps what was read from memory since {@code since}, unless something was invalidated meanwhile. */
    void fill(int tag, long address, long word, long since) {
        tables.fill(tag, address, word, since);
    }

    void invalidateAll() {
        tables.invalidateAll();
    }

    /** Forgets what bears one of several tags, all or only what was found by way of host tables ({@link LeafWord#NESTED}). */
    void invalidateTags(BitSet tags, boolean nestedOnly) {
        long bits = nestedOnly ? LeafWord.NESTED : 0;
        tables.invalidateMatching(tags, 0, -1, bits, bits);
    }

    /** Forgets the tables that translate an address of {@code [first, last]}. */
    void invalidatePages(int tag, long first, long last) {
        tables.invalidatePages(tag, first, last);
    }
}
