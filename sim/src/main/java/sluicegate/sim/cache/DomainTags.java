package sluicegate.sim.cache;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Numbers for what cached translations belong to, where a domain id names the tables of a device and a PASID those of an address
 * space in it (VT-d 6.2.3, AMD 2.4.3): a domain id of 16 bits stands for itself; a pair of domain id and PASID gets a number
 * when it is first met. A number is never given to another pair, so a request under way cannot meet a stranger's pages; when all
 * are given away, translations of further pairs are not cached.
 *
 * <p>Thread-safe.
 */
public final class DomainTags {
    /** A tag with which nothing is cached. */
    public static final int NONE = (1 << TranslationCache.TAG_BITS) - 1;

    private static final int DOMAINS = 1 << 16;
    /** 20 of PCI, and more for what models number beside it. */
    private static final int PASID_BITS = 22;

    private final KeyNumbers pairs = new KeyNumbers();
    /** The tags of each domain's pairs, null for none; no array until there is a pair. Sets are replaced, never changed. */
    private volatile AtomicReferenceArray<BitSet> byDomain;

    private static long pair(int did, int pasid) {
        return (long) did << PASID_BITS | pasid;
    }

    /** The tag of a pair, made if need be. */
    public synchronized int of(int did, int pasid) {
        int known = find(did, pasid);
        if (known != NONE) {
            return known;
        }
        int tag = DOMAINS + pairs.count();
        if (tag >= NONE) {
            return NONE;
        }
        if (byDomain == null) {
            byDomain = new AtomicReferenceArray<>(DOMAINS);
        }
        var others = byDomain.get(did);
        var tags = others == null ? new BitSet() : (BitSet) others.clone();
        tags.set(tag);
        byDomain.set(did, tags);
        pairs.add(pair(did, pasid));
        return tag;
    }

    /** The tag of a pair, or {@link #NONE} if it has none. Takes no lock and allocates nothing. */
    public int find(int did, int pasid) {
        int known = pairs.find(pair(did, pasid));
        return known == KeyNumbers.NONE ? NONE : DOMAINS + known;
    }

    /** The tags of a domain's pairs, null for none. Takes no lock and allocates nothing. */
    public BitSet ofDomain(int did) {
        var sets = byDomain;
        return sets == null ? null : sets.get(did);
    }
}
