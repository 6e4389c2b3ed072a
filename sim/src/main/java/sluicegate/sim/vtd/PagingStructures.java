package sluicegate.sim.vtd;

import java.util.BitSet;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.cache.TranslationCache;

/**
 * The paging-structure caches (VT-d 6.2.5), of which there is the one nearest to pages, the PDE-cache: which table of small
 * pages serves a range of 2 MiB, and what all entries above it permit. Second-stage tables are known by their domain id; those of
 * the first stage, nested or not, by the tag of domain id and PASID, and where they are in the host's memory.
 *
 * <p>A walk that begins here and does not end at a page is done again from the top, so software may give permissions without an
 * invalidation; what it takes away stays, until it invalidates with the hint IH clear. Thread-safe; look-ups take no lock and
 * allocate nothing.
 */
final class PagingStructures {
    /** No word: the cache has none. */
    static final long NONE = 0;

    private static final int TABLE_SHIFT = 21;
    private static final int SET_BITS = 8;
    private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
    /** Apart from the address, the bits of an entry stand where they are in tables; this one is free there. */
    private static final long VALID = 1L << 11;
    private static final long INPUT_ADDRESS = (1L << 57) - 1;

    private final CacheEpoch epoch;
    private final TranslationCache tables;

    PagingStructures(CacheEpoch epoch) {
        this.epoch = epoch;
        tables = new TranslationCache(SET_BITS, TABLE_SHIFT, epoch);
    }

    /** What is known of the table for an address: a word for {@link #table} with permission bits, or {@link #NONE}. */
    long find(int tag, long iova) {
        return tables.find(tag, iova & INPUT_ADDRESS);
    }

    /** The physical address of a table. */
    static long table(long word) {
        return word & ADDRESS;
    }

    /**
     * Keeps a table that was read from memory since {@code since}, unless something was invalidated meanwhile.
     *
     * @param permissions bits of entries that are no address
     */
    void fill(int tag, long iova, long table, long permissions, long since) {
        if (tag != DomainTags.NONE) {
            tables.fill(tag, iova & INPUT_ADDRESS, table | permissions | VALID, since);
        }
    }

    /** Forgets everything. Here and below: pages that were found by way of it are to be forgotten after it, or they come again. */
    void invalidateAll() {
        epoch.advance();
        tables.invalidateAll();
    }

    /** Forgets what bears a tag. */
    void invalidateTag(int tag) {
        epoch.advance();
        tables.invalidateTag(tag);
    }

    /** Forgets what bears one of several tags. */
    void invalidateTags(BitSet tags) {
        epoch.advance();
        tables.invalidateTags(tags);
    }

    /** Forgets the tables of a tag that serve an address of a range; see {@link Iotlb#invalidatePages}. */
    void invalidatePages(int tag, long address, int addressMask) {
        epoch.advance();
        long bytes = 1L << 12 + addressMask;
        long first = address & INPUT_ADDRESS & -bytes;
        tables.invalidatePages(tag, first, first + bytes - 1);
    }
}
