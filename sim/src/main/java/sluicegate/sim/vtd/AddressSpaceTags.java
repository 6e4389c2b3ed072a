package sluicegate.sim.vtd;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import sluicegate.sim.cache.TranslationCache;

/**
 * Numbers for what IOTLB entries belong to (VT-d 6.2.3): a domain id stands for itself, as second-stage translations are
 * tagged; a pair of domain id and PASID, as first-stage and nested translations are tagged, gets a number when its PASID entry
 * is first read. A number is never given to another pair, so a request under way cannot meet a stranger's pages; when all
 * are given away, translations of further pairs are not cached.
 *
 * <p>Thread-safe.
 */
final class AddressSpaceTags {
    /** A tag with which nothing is cached. */
    static final int NONE = (1 << TranslationCache.TAG_BITS) - 1;

    private static final int DOMAINS = 1 << 16;

    private final Map<Long, Integer> byPair = new HashMap<>();
    /** The tags of each domain's pairs, null for none; no array until there is a pair. Sets are replaced, never changed. */
    private volatile BitSet[] byDomain;

    /** The tag of a pair, made if need be. */
    synchronized int of(int did, int pasid) {
        var known = byPair.get(key(did, pasid));
        if (known != null) {
            return known;
        }
        int tag = DOMAINS + byPair.size();
        if (tag >= NONE) {
            return NONE;
        }
        var sets = byDomain == null ? new BitSet[DOMAINS] : byDomain;
        var tags = sets[did] == null ? new BitSet() : (BitSet) sets[did].clone();
        tags.set(tag);
        sets[did] = tags;
        byPair.put(key(did, pasid), tag);
        byDomain = sets;
        return tag;
    }

    /** The tag of a pair, or {@link #NONE} if it has none. */
    synchronized int find(int did, int pasid) {
        return byPair.getOrDefault(key(did, pasid), NONE);
    }

    /** The tags of a domain's pairs, null for none. Takes no lock and allocates nothing. */
    BitSet ofDomain(int did) {
        var sets = byDomain;
        return sets == null ? null : sets[did];
    }

    private static long key(int did, int pasid) {
        return (long) did << 32 | pasid;
    }
}
