package sluicegate.sim.vtd;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

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
    private int[] domains = new int[64];

    /** The tag of a pair, made if need be. */
    synchronized int of(int did, int pasid) {
        var known = byPair.get(key(did, pasid));
        if (known != null) {
            return known;
        }
        int index = byPair.size();
        if (DOMAINS + index >= NONE) {
            return NONE;
        }
        if (index == domains.length) {
            domains = Arrays.copyOf(domains, 2 * index);
        }
        domains[index] = did;
        byPair.put(key(did, pasid), DOMAINS + index);
        return DOMAINS + index;
    }

    /** The tag of a pair, or {@link #NONE} if it has none. */
    synchronized int find(int did, int pasid) {
        return byPair.getOrDefault(key(did, pasid), NONE);
    }

    /** The tags of a domain's pairs. */
    synchronized BitSet ofDomain(int did) {
        var tags = new BitSet();
        for (int index = 0; index < byPair.size(); index++) {
            if (domains[index] == did) {
                tags.set(DOMAINS + index);
            }
        }
        return tags;
    }

    private static long key(int did, int pasid) {
        return (long) did << 32 | pasid;
    }
}
