package sluicegate.sim.smmuv3;

import java.util.BitSet;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.TranslationCache;

/**
 * The TLB: results of walks by address space and page, one cache for each page size, and tables on the way to them ({@link
 * WalkCache}). Of a stage 1 through a stage 2 it keeps both in one, as hardware does, so that software has to invalidate the first
 * stage too when it changes the second (4.4.3.1).
 *
 * <p>An entry stays until software invalidates it or another page takes its place. Thread-safe; look-ups take no lock and
 * allocate nothing.
 */
final class Tlb {
    /** All page sizes, one bit each. */
    static final int ALL_SIZES = (1 << LeafWord.SIZES) - 1;

    private static final int[] SET_BITS = {10, 8, 8, 7, 6, 6, 5, 5};

    private final CacheEpoch epoch;
    private final boolean detectsConflicts;
    private final WalkCache walks;
    private final TranslationCache[] caches = new TranslationCache[LeafWord.SIZES];
    /** Which sizes were ever kept, one bit each. A thread that hears of one late misses, which is always allowed. */
    private volatile int used;
    /** Whether a global page was ever kept. */
    private volatile boolean globals;

    Tlb(CacheEpoch epoch, Smmuv3Capabilities capabilities) {
        this.epoch = epoch;
        this.walks = new WalkCache(epoch);
        this.detectsConflicts = capabilities.breakBeforeMake() == 0;
        for (int size = 0; size < LeafWord.SIZES; size++) {
            caches[size] = new TranslationCache(SET_BITS[size], LeafWord.shiftOf(size), epoch);
        }
    }

    WalkCache walks() {
        return walks;
    }

    /**
     * The {@link LeafWord} for an address, or {@link TranslationCache#NONE}.
     *
     * @param size the granule, whose pages are looked for first
     * @param address as {@link StageTables#cacheAddress} gives it
     */
    long find(int tag, int size, long address) {
        long leaf = caches[size].find(tag, address);
        return leaf != TranslationCache.NONE ? leaf : findLarger(tag, size, address);
    }

    private long findLarger(int tag, int size, long address) {
        for (int left = used >>> size + 1, at = size + 1; left != 0; left >>>= 1, at++) {
            if ((left & 1) != 0) {
                long leaf = caches[at].find(tag, address);
                if (leaf != TranslationCache.NONE) {
                    return leaf;
                }
            }
        }
        return TranslationCache.NONE;
    }

    /** Keeps a walk's result that was read from memory since {@code since}, unless something was invalidated meanwhile. */
    void fill(int tag, long address, long leaf, long since) {
        if (since == CacheEpoch.NEVER || tag == AddressSpaceTags.NONE) {
            return;
        }
        int size = LeafWord.size(leaf);
        if ((used & 1 << size) == 0) {
            noteUsed(size);
        }
        if ((leaf & LeafWord.GLOBAL) != 0 && !globals) {
            globals = true;
        }
        caches[size].fill(tag, address, leaf, since);
    }

    /**
     * Whether a page would be kept beside smaller ones of the same addresses, which software should have invalidated before it
     * put a larger one in their place (7.3.17). Units for which it need not do so (IDR3.BBML) use the smaller ones.
     *
     * @param address as {@link StageTables#cacheAddress} gives it
     */
    boolean conflicts(int tag, long address, long leaf) {
        int size = LeafWord.size(leaf);
        int smaller = used & (1 << size) - 1;
        return detectsConflicts && smaller != 0 && tag != AddressSpaceTags.NONE && holdsAny(tag, smaller, address, size);
    }

    private boolean holdsAny(int tag, int sizes, long address, int within) {
        long offset = (1L << LeafWord.shiftOf(within)) - 1;
        for (int left = sizes, size = 0; left != 0; left >>>= 1, size++) {
            if ((left & 1) != 0 && caches[size].holdsAny(tag, address & ~offset, address | offset)) {
                return true;
            }
        }
        return false;
    }

    private synchronized void noteUsed(int size) {
        used |= 1 << size;
    }

    boolean hasGlobals() {
        return globals;
    }

    /**
     * An invalidation begins: what is read before it, from memory or from what it has not forgotten yet, is not kept after it. To be called
     * before a tag is looked up for what follows, and between two steps of which the first forgets what the second could be filled from.
     */
    void begin() {
        epoch.advance();
    }

    /** Forgets what bears a tag; nothing does bear {@link AddressSpaceTags#NONE}. */
    void invalidateTag(int tag) {
        if (tag == AddressSpaceTags.NONE) {
            return;
        }
        walks.invalidateTag(tag);
        begin();
        for (int left = used, size = 0; left != 0; left >>>= 1, size++) {
            if ((left & 1) != 0) {
                caches[size].invalidateTag(tag);
            }
        }
    }

    /** Forgets what bears a tag, but no global page. */
    void invalidateNonGlobal(int tag) {
        if (!globals || tag == AddressSpaceTags.NONE) {
            invalidateTag(tag);
            return;
        }
        walks.invalidateTag(tag);
        begin();
        for (int left = used, size = 0; left != 0; left >>>= 1, size++) {
            if ((left & 1) != 0) {
                caches[size].invalidateMatching(tag, LeafWord.GLOBAL, 0);
            }
        }
    }

    /** Forgets what bears one of several tags. */
    void invalidateTags(BitSet tags) {
        walks.invalidateTags(tags);
        begin();
        for (int left = used, size = 0; left != 0; left >>>= 1, size++) {
            if ((left & 1) != 0) {
                caches[size].invalidateTags(tags);
            }
        }
    }

    /**
     * Forgets pages of a tag.
     *
     * @param first address as {@link StageTables#cacheAddress} gives it
     * @param last the last one
     * @param sizes which page sizes, one bit each
     * @param leavesOnly whether tables on the way to them may stay
     */
    void invalidatePages(int tag, long first, long last, int sizes, boolean leavesOnly) {
        if (tag == AddressSpaceTags.NONE) {
            return;
        }
        if (!leavesOnly) {
            walks.invalidatePages(tag, first, last);
            begin();
        }
        for (int left = used & sizes, size = 0; left != 0; left >>>= 1, size++) {
            if ((left & 1) != 0) {
                caches[size].invalidatePages(tag, first, last);
            }
        }
    }

    /** Forgets pages of several tags. */
    void invalidatePages(BitSet tags, long first, long last, int sizes, boolean leavesOnly) {
        if (!leavesOnly) {
            walks.invalidatePages(tags, first, last);
            begin();
        }
        invalidatePages(tags, first, last, sizes, 0);
    }

    /** Forgets global pages of several tags. Tables on the way to them belong to their ASID all the same. */
    void invalidateGlobalPages(BitSet tags, long first, long last, int sizes) {
        invalidatePages(tags, first, last, sizes, LeafWord.GLOBAL);
    }

    private void invalidatePages(BitSet tags, long first, long last, int sizes, long bits) {
        for (int left = used & sizes, size = 0; left != 0; left >>>= 1, size++) {
            if ((left & 1) != 0) {
                caches[size].invalidateMatching(tags, first, last, bits, bits);
            }
        }
    }
}
