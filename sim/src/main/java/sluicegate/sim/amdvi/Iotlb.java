package sluicegate.sim.amdvi;

import java.util.BitSet;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.cache.TranslationCache;

/**
 * The IOTLB: results of walks by page and by what they belong to ({@link DomainTags}). There is a cache for each of three
 * sizes; a page of a size between them is kept in pieces of the next smaller one. Addresses have at most 57 bits.
 *
 * <p>An entry stays until software invalidates it or another page takes its place; of a page in pieces, those go that software
 * names. Thread-safe; look-ups take no lock and allocate nothing.
 */
final class Iotlb {
    /** Addresses with more bits are not kept. */
    static final int ADDRESS_BITS = 57;

    private static final int SHIFT_4K = 12;
    private static final int SHIFT_2M = 21;
    private static final int SHIFT_1G = 30;

    private final CacheEpoch epoch;
    private final TranslationCache pages4K;
    private final TranslationCache pages2M;
    private final TranslationCache pages1G;
    /** Whether a page of that size was ever kept. A thread that hears of it late misses, which is always allowed. */
    private boolean has2M;
    private boolean has1G;

    Iotlb(CacheEpoch epoch) {
        this.epoch = epoch;
        pages4K = new TranslationCache(10, SHIFT_4K, epoch);
        pages2M = new TranslationCache(7, SHIFT_2M, epoch);
        pages1G = new TranslationCache(5, SHIFT_1G, epoch);
    }

    /** The {@link LeafWord} for an address, or {@link LeafWord#NONE}. */
    long find(int tag, long iova) {
        long leaf = pages4K.find(tag, iova);
        return leaf != LeafWord.NONE ? leaf : findLarge(tag, iova);
    }

    private long findLarge(int tag, long iova) {
        if (has2M) {
            long leaf = pages2M.find(tag, iova);
            if (leaf != LeafWord.NONE) {
                return leaf;
            }
        }
        return has1G ? pages1G.find(tag, iova) : LeafWord.NONE;
    }

    /** Keeps a walk's result that was read from memory since {@code since}, unless something was invalidated meanwhile. */
    void fill(int tag, long iova, long leaf, long since) {
        int shift = LeafWord.isFault(leaf) ? SHIFT_4K : LeafWord.shift(leaf);
        if (shift < SHIFT_2M) {
            pages4K.fill(tag, iova, leaf, since);
        } else if (shift < SHIFT_1G) {
            has2M = true;
            pages2M.fill(tag, iova, leaf, since);
        } else {
            has1G = true;
            pages1G.fill(tag, iova, leaf, since);
        }
    }

    /** An invalidation begins: what is read from memory before it is not kept after it. To be called before what follows. */
    void begin() {
        epoch.advance();
    }

    /** Forgets everything. */
    void invalidateAll() {
        pages4K.invalidateAll();
        pages2M.invalidateAll();
        pages1G.invalidateAll();
    }

    /** Forgets what bears one of several tags, all or only what both stages were walked for. */
    void invalidateTags(BitSet tags, boolean nestedOnly) {
        long bits = nestedOnly ? LeafWord.NESTED : 0;
        pages4K.invalidateMatching(tags, 0, -1, bits, bits);
        pages2M.invalidateMatching(tags, 0, -1, bits, bits);
        pages1G.invalidateMatching(tags, 0, -1, bits, bits);
    }

    /** Forgets the pages of a tag, of whatever size, that share an address with {@code [first, last]}. */
    void invalidatePages(int tag, long first, long last) {
        pages4K.invalidatePages(tag, first, last);
        pages2M.invalidatePages(tag, first, last);
        pages1G.invalidatePages(tag, first, last);
    }
}
