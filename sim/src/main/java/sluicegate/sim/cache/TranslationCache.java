package sluicegate.sim.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.BitSet;

/**
 * Translations of one page size: set-associative with three ways, so that a set with its sequence number and its victim
 * counter fills one line of a processor's cache.
 *
 * <pre>
 *      0     1      2     3      4     5      6       7
 * +-----+------+------+------+------+------+------+--------+
 * | SEQ | KEY0 | LEAF0| KEY1 | LEAF1| KEY2 | LEAF2| VICTIM |
 * +-----+------+------+------+------+------+------+--------+
 * </pre>
 *
 * <p>A key is VALID | tag | page number, the tag being whatever a model numbers its address spaces with; a leaf is a word of
 * the model, never 0. SEQ is odd while the set changes. A reader takes no lock: it selects without branches and believes the
 * result only if SEQ was even and the same before and after. Otherwise it has missed, which is always allowed. Who fills
 * gives up if somebody else changes the set.
 *
 * <p>A byte for each set says whether anything may be in it, so that invalidations read one line for 64 sets that are empty. Who
 * fills sets it before locking the set and gives up if it is clear after that; only who holds the lock and leaves the set
 * empty clears it. Locking is a fence, so with the {@link CacheEpoch} the same holds as for the set itself: either the
 * fill sees the new epoch, or the invalidation sees the byte.
 *
 * <p>Invalidations do not advance the {@link CacheEpoch}: their caller has done so, once for all caches that it goes through.
 */
public final class TranslationCache {
    /** What {@link #find} says when there is nothing. */
    public static final long NONE = 0;

    /** How many bits a tag has. */
    public static final int TAG_BITS = 18;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle BYTE = MethodHandles.arrayElementVarHandle(byte[].class);
    private static final int WAYS = 3;
    private static final int SET_SHIFT = 3;
    private static final int VICTIM = 7;
    private static final int TAG_SHIFT = 45;
    private static final long PAGE_MASK = (1L << TAG_SHIFT) - 1;
    private static final long TAG_MASK = (1L << TAG_BITS) - 1 << TAG_SHIFT;
    private static final long VALID = 1L << 63;

    private final long[] words;
    /** By set: not 0 if anything may be in it. */
    private final byte[] occupied;
    private final int mask;
    private final int pageShift;
    private final CacheEpoch epoch;

    /**
     * @param setBits number of sets, as a power of two
     * @param pageShift size of a page, as a power of two
     */
    public TranslationCache(int setBits, int pageShift, CacheEpoch epoch) {
        this.words = new long[1 << setBits + SET_SHIFT];
        this.occupied = new byte[1 << setBits];
        this.mask = (1 << setBits) - 1;
        this.pageShift = pageShift;
        this.epoch = epoch;
    }

    /** The leaf for an address, or {@link #NONE}. */
    public long find(int tag, long iova) {
        long page = iova >>> pageShift;
        long key = key(tag, page);
        var set = words;
        int base = base(tag, page);
        long before = (long) WORD.getAcquire(set, base);
        long leaf = select((long) WORD.getOpaque(set, base + 1), key, (long) WORD.getOpaque(set, base + 2))
                | select((long) WORD.getOpaque(set, base + 3), key, (long) WORD.getOpaque(set, base + 4))
                | select((long) WORD.getOpaque(set, base + 5), key, (long) WORD.getOpaque(set, base + 6));
        VarHandle.acquireFence();
        long after = (long) WORD.getOpaque(set, base);
        return (before ^ after | before & 1) == 0 ? leaf : NONE;
    }

    /** {@code leaf} if the keys are the same, else 0, without a branch that could be mispredicted. */
    private static long select(long found, long wanted, long leaf) {
        long difference = found ^ wanted;
        return leaf & ~((difference | -difference) >> 63);
    }

    /** Keeps what was read from memory since {@code since}, unless something was invalidated in the meantime. */
    public void fill(int tag, long iova, long leaf, long since) {
        long page = iova >>> pageShift;
        long key = key(tag, page);
        int base = base(tag, page);
        occupy(base);
        long seq = (long) WORD.getOpaque(words, base);
        if ((seq & 1) != 0 || !WORD.compareAndSet(words, base, seq, seq + 1)) {
            return;
        }
        if (!isEmpty(base) && epoch.current() == since) {
            int way = wayFor(base, key);
            WORD.setOpaque(words, base + 1 + 2 * way, key);
            WORD.setOpaque(words, base + 2 + 2 * way, leaf);
        }
        WORD.setRelease(words, base, seq + 2);
    }

    private void occupy(int base) {
        if (isEmpty(base)) {
            BYTE.setOpaque(occupied, base >>> SET_SHIFT, (byte) 1);
        }
    }

    private boolean isEmpty(int base) {
        return (byte) BYTE.getOpaque(occupied, base >>> SET_SHIFT) == 0;
    }

    /** The way that has the key already, else a free one, else the one that was filled longest ago. */
    private int wayFor(int base, long key) {
        int free = -1;
        for (int way = WAYS - 1; way >= 0; way--) {
            long found = words[base + 1 + 2 * way];
            if (found == key) {
                return way;
            }
            if (found == 0) {
                free = way;
            }
        }
        if (free >= 0) {
            return free;
        }
        int victim = (int) words[base + VICTIM];
        words[base + VICTIM] = victim + 1 == WAYS ? 0 : victim + 1;
        return victim;
    }

    /** Forgets everything. The caller has advanced the epoch, here and below. */
    public void invalidateAll() {
        for (int base = 0; base < words.length; base += 1 << SET_SHIFT) {
            remove(base, VALID, VALID, 0, PAGE_MASK);
        }
    }

    /** Forgets what bears a tag. */
    public void invalidateTag(int tag) {
        invalidateRange(tag, 0, PAGE_MASK);
    }

    /** Forgets what bears one of several tags. */
    public void invalidateTags(BitSet tags) {
        invalidateMatching(tags, 0, -1, 0, 0);
    }

    /**
     * Forgets what bears one of several tags, shares an address with {@code [first, last]} (unsigned) and has certain bits in
     * its leaf. Goes through all of the cache.
     */
    public void invalidateMatching(BitSet tags, long first, long last, long leafMask, long leafBits) {
        long from = first >>> pageShift;
        long to = last >>> pageShift;
        for (int base = 0; base < words.length; base += 1 << SET_SHIFT) {
            if (isEmpty(base)) {
                continue;
            }
            awaitFill(base);
            for (int way = 0; way < WAYS; way++) {
                long key = (long) WORD.getAcquire(words, base + 1 + 2 * way);
                long leaf = (long) WORD.getAcquire(words, base + 2 + 2 * way);
                int tag = (int) ((key & TAG_MASK) >>> TAG_SHIFT);
                long page = key & PAGE_MASK;
                if (key != 0 && tags.get(tag) && page >= from && page <= to && (leaf & leafMask) == leafBits) {
                    remove(base, VALID | TAG_MASK, key(tag, 0), page, page);
                }
            }
        }
    }

    /** Forgets what bears a tag and has certain bits in its leaf. Goes through all of the cache. */
    public void invalidateMatching(int tag, long leafMask, long leafBits) {
        for (int base = 0; base < words.length; base += 1 << SET_SHIFT) {
            if (isEmpty(base)) {
                continue;
            }
            awaitFill(base);
            for (int way = 0; way < WAYS; way++) {
                long key = (long) WORD.getAcquire(words, base + 1 + 2 * way);
                long leaf = (long) WORD.getAcquire(words, base + 2 + 2 * way);
                long page = key & PAGE_MASK;
                if (key == key(tag, page) && (leaf & leafMask) == leafBits) {
                    remove(base, VALID | TAG_MASK, key(tag, 0), page, page);
                }
            }
        }
    }

    /** A fill that is under way may match what is to be removed; one that begins later sees the new epoch. */
    private void awaitFill(int base) {
        while (((long) WORD.getAcquire(words, base) & 1) != 0) {
            Thread.onSpinWait();
        }
    }

    /** Forgets the pages of a tag that share an address with {@code [first, last]}. */
    public void invalidatePages(int tag, long first, long last) {
        long from = first >>> pageShift;
        long to = last >>> pageShift;
        if (to - from >= mask) {
            invalidateRange(tag, from, to);
            return;
        }
        for (long page = from; page <= to; page++) {
            remove(base(tag, page), VALID | TAG_MASK, key(tag, 0), page, page);
        }
    }

    /** Whether there is a page of a tag that shares an address with {@code [first, last]}. */
    public boolean holdsAny(int tag, long first, long last) {
        long from = first >>> pageShift;
        long to = last >>> pageShift;
        boolean all = to - from >= mask;
        for (long i = 0; i <= (all ? mask : to - from); i++) {
            int base = all ? (int) i << SET_SHIFT : base(tag, from + i);
            if (matches(base, VALID | TAG_MASK, key(tag, 0), from, to)) {
                return true;
            }
        }
        return false;
    }

    private void invalidateRange(int tag, long from, long to) {
        for (int base = 0; base < words.length; base += 1 << SET_SHIFT) {
            remove(base, VALID | TAG_MASK, key(tag, 0), from, to);
        }
    }

    private void remove(int base, long keyMask, long key, long from, long to) {
        if (isEmpty(base)) {
            return;
        }
        long seq = (long) WORD.getAcquire(words, base);
        // Nobody is changing the set and nothing in it matches: a fill that begins now sees the new epoch.
        if ((seq & 1) == 0 && !matches(base, keyMask, key, from, to)) {
            return;
        }
        seq = lock(base);
        long left = 0;
        for (int way = 0; way < WAYS; way++) {
            if (matchesWay(base, way, keyMask, key, from, to)) {
                WORD.setOpaque(words, base + 1 + 2 * way, 0L);
                WORD.setOpaque(words, base + 2 + 2 * way, NONE);
            }
            left |= (long) WORD.getOpaque(words, base + 1 + 2 * way);
        }
        if (left == 0) {
            BYTE.setOpaque(occupied, base >>> SET_SHIFT, (byte) 0);
        }
        WORD.setRelease(words, base, seq + 2);
    }

    private boolean matches(int base, long keyMask, long key, long from, long to) {
        return matchesWay(base, 0, keyMask, key, from, to) | matchesWay(base, 1, keyMask, key, from, to)
                | matchesWay(base, 2, keyMask, key, from, to);
    }

    private boolean matchesWay(int base, int way, long keyMask, long key, long from, long to) {
        long found = (long) WORD.getOpaque(words, base + 1 + 2 * way);
        long page = found & PAGE_MASK;
        return (found & keyMask) == key && page >= from && page <= to;
    }

    private long lock(int base) {
        while (true) {
            long seq = (long) WORD.getOpaque(words, base);
            if ((seq & 1) == 0 && WORD.compareAndSet(words, base, seq, seq + 1)) {
                return seq;
            }
            Thread.onSpinWait();
        }
    }

    private static long key(int tag, long page) {
        return VALID | (long) tag << TAG_SHIFT | page;
    }

    private int base(int tag, long page) {
        return (((int) page ^ tag * 0x9e37) & mask) << SET_SHIFT;
    }
}
