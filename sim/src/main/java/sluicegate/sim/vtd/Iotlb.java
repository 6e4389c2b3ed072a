package sluicegate.sim.vtd;

import java.util.BitSet;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.cache.TranslationCache;

/**
 * The IOTLB (VT-d 6.2.3): results of walks by page and by what they belong to, one cache for each page size. The tag is
 * a domain id, or in scalable mode another number of {@link DomainTags}; addresses have at most 57 bits.
 *
 * <p>An entry stays until software invalidates it or another page takes its place. Thread-safe; look-ups take no lock and
 * allocate nothing.
 */
final class Iotlb {
    private final CacheEpoch epoch;
    private final TranslationCache pages4K;
    private final TranslationCache pages2M;
    private final TranslationCache pages1G;
    /** Whether a page of that size was ever kept. A thread that hears of it late misses, which is always allowed. */
    private boolean has2M;
    private boolean has1G;

    Iotlb(CacheEpoch epoch) {
        this.epoch = epoch;
        pages4K = new TranslationCache(10, 12, epoch);
        pages2M = new TranslationCache(7, 21, epoch);
        pages1G = new TranslationCache(5, 30, epoch);
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
        switch (LeafWord.sizeClass(leaf)) {
            case 0 -> pages4K.fill(tag, iova, leaf, since);
            case 1 -> {
                has2M = true;
                pages2M.fill(tag, iova, leaf, since);
            }
            default -> {
                has1G = true;
                pages1G.fill(tag, iova, leaf, since);
            }
        }
    }

    /** Forgets everything. */
    void invalidateAll() {
        epoch.advance();
        pages4K.invalidateAll();
        pages2M.invalidateAll();
        pages1G.invalidateAll();
    }

    /** Forgets what bears a tag. */
    void invalidateTag(int tag) {
        epoch.advance();
        pages4K.invalidateTag(tag);
        pages2M.invalidateTag(tag);
        pages1G.invalidateTag(tag);
    }

    /** Forgets what bears one of several tags. */
    void invalidateTags(BitSet tags) {
        epoch.advance();
        pages4K.invalidateTags(tags);
        pages2M.invalidateTags(tags);
        pages1G.invalidateTags(tags);
    }

    /**
     * Forgets the pages of a tag, of whatever size, that share an address with a range.
     *
     * @param address its first page; bits below its size are ignored
     * @param addressMask its size: two to that power pages of 4 KiB
     */
    void invalidatePages(int tag, long address, int addressMask) {
        epoch.advance();
        long bytes = 1L << 12 + addressMask;
        long first = address & -bytes;
        long last = first + bytes - 1;
        pages4K.invalidatePages(tag, first, last);
        pages2M.invalidatePages(tag, first, last);
        pages1G.invalidatePages(tag, first, last);
    }
}
