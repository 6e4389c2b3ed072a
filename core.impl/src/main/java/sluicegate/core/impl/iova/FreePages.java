package sluicegate.core.impl.iova;

import java.util.Arrays;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The free pages of an address space: a tree of 64-way nodes over one bit for each page. A node knows for every power of two
 * which of its children have a free, naturally aligned block of that many pages; so the highest free block below a limit is
 * found in one way down, however scattered the free pages are, and a change goes up only as far as it matters.
 *
 * <p>Where all of a child is free or all taken, there may be no child: an empty space of 2^52 pages takes a few kilobytes, a
 * crowded one about a bit and a half for each page. What becomes empty is given back once much has, so that pages that come
 * and go at an edge cost no new nodes. Not thread-safe.
 */
final class FreePages {
    /** No page. */
    static final long NONE = -1;
    /** How many nodes there may be: more than 500 million scattered pages take. */
    static final int MAX_NODES = 1 << 17;

    private static final int BITS = 6;
    private static final int WAYS = 1 << BITS;
    private static final int UNCHANGED = -2;
    /** How many nodes without a taken page are kept before all of those are given back, and how many of each level for later. */
    private static final int IDLE = 64;
    /** The first bits of aligned pairs, fours, eights and so on. */
    private static final long[] ALIGNED = {-1L, 0x5555_5555_5555_5555L, 0x1111_1111_1111_1111L, 0x0101_0101_0101_0101L,
        0x0001_0001_0001_0001L, 0x0000_0001_0000_0001L, 1L};

    /** 64 children of {@code 2^(6 * level)} pages each; those of level 1 are words of {@link #words}. */
    private static final class Node {
        /** By order: which children have a free block of that order. */
        final long[] fits;
        /** By child: the largest order that it has free; -1 if it has nothing. */
        final byte[] largest = new byte[WAYS];
        final Node[] children;
        final long[] words;

        Node(int level) {
            fits = new long[BITS * level + 1];
            children = level == 1 ? null : new Node[WAYS];
            words = level == 1 ? new long[WAYS] : null;
        }

        /** All free, or all taken. */
        void fill(int childOrder, boolean free) {
            Arrays.fill(fits, free ? -1L : 0);
            Arrays.fill(largest, (byte) (free ? childOrder : -1));
            if (words != null) {
                Arrays.fill(words, free ? -1L : 0);
            }
        }
    }

    private final int levels;
    private final Node root;
    /** The nodes on the way down to a word, by level. */
    private final Node[] path;
    private final int maxNodes;
    private final Node[][] spare;
    private final int[] spares;
    private int nodes = 1;
    private int idle;

    /**
     * All free.
     *
     * @param pages how many there are, 1 to 2^58
     */
    FreePages(long pages, int maxNodes) {
        int width = 64 - Long.numberOfLeadingZeros(pages - 1);
        levels = Math.max(1, (width + BITS - 1) / BITS - 1);
        this.maxNodes = maxNodes;
        spare = new Node[levels + 1][IDLE];
        spares = new int[levels + 1];
        root = new Node(levels);
        path = new Node[levels + 1];
        root.fill(BITS * levels, true);
        if (pages < span(levels)) {
            set(pages, span(levels) - 1, false);
        }
    }

    /** Pages of a node. */
    private static long span(int level) {
        return 1L << BITS * (level + 1);
    }

    // ---- looking

    /**
     * The highest free block of {@code 2^order} pages, aligned to its size.
     *
     * @param max the highest page at which it may begin; negative if there is none
     */
    long find(int order, long max) {
        return max < 0 || order > BITS * (levels + 1) ? NONE : findStraight(order, Math.min(max, span(levels) - 1));
    }

    /** The way down that is right unless a child at the edge turns out to have nothing below the limit; then all ways are tried. */
    private long findStraight(int order, long max) {
        var node = root;
        long found = 0;
        long limit = max;
        for (int level = levels;; level--) {
            int childOrder = BITS * level;
            int edge = (int) (limit >>> childOrder);
            boolean inNode = order >= childOrder;
            long fits = (inNode ? runs(node.fits[childOrder], order - childOrder) : node.fits[order]) & upTo(edge);
            if (fits == 0) {
                break;
            }
            int child = highest(fits);
            found += (long) child << childOrder;
            if (inNode) {
                return found;
            }
            long inner = (1L << childOrder) - 1;
            limit = child == edge ? limit & inner : inner;
            if (level == 1) {
                long runs = runs(node.words[child], order) & upTo((int) limit);
                if (runs == 0) {
                    break;
                }
                return found + highest(runs);
            }
            node = node.children[child];
            if (node == null) {
                return found + (limit & -(1L << order));
            }
        }
        return find(root, levels, order, max);
    }

    private static long find(Node node, int level, int order, long max) {
        int childOrder = BITS * level;
        int edge = (int) (max >>> childOrder);
        if (order >= childOrder) {
            long runs = runs(node.fits[childOrder], order - childOrder) & upTo(edge);
            return runs == 0 ? NONE : (long) highest(runs) << childOrder;
        }
        // Of the child at the edge only a part counts, which may turn out to have nothing; any other is sure to have some.
        for (long fits = node.fits[order] & upTo(edge); fits != 0; fits &= ~(1L << highest(fits))) {
            int child = highest(fits);
            long within = child == edge ? max & (1L << childOrder) - 1 : (1L << childOrder) - 1;
            long found;
            if (level == 1) {
                long runs = runs(node.words[child], order) & upTo((int) within);
                found = runs == 0 ? NONE : highest(runs);
            } else if (node.children[child] == null) {
                found = within & -(1L << order);
            } else {
                found = find(node.children[child], level - 1, order, within);
            }
            if (found != NONE) {
                return ((long) child << childOrder) + found;
            }
        }
        return NONE;
    }

    /** The first bits of all aligned runs of {@code 2^order} ones. */
    private static long runs(long word, int order) {
        long runs = word;
        for (int k = 0; k < order && runs != 0; k++) {
            runs &= runs >>> (1 << k) & ALIGNED[k + 1];
        }
        return runs;
    }

    private static int highest(long word) {
        return WAYS - 1 - Long.numberOfLeadingZeros(word);
    }

    private static long upTo(int bit) {
        return -1L >>> WAYS - 1 - bit;
    }

    /** Whether none of the pages from {@code first} to {@code last} is free; false if they are not all in the space. */
    boolean taken(long first, long last) {
        return first >= 0 && first <= last && last < span(levels) && taken(root, levels, first, last);
    }

    private static boolean taken(Node node, int level, long first, long last) {
        int childOrder = BITS * level;
        long inner = (1L << childOrder) - 1;
        for (int child = (int) (first >>> childOrder); child <= last >>> childOrder; child++) {
            if (node.largest[child] < 0) {
                continue;
            }
            long from = child == first >>> childOrder ? first & inner : 0;
            long to = child == last >>> childOrder ? last & inner : inner;
            boolean free = level == 1 ? (node.words[child] & mask(from, to)) != 0
                    : node.children[child] == null || !taken(node.children[child], level - 1, from, to);
            if (free) {
                return false;
            }
        }
        return true;
    }

    private static long mask(long from, long to) {
        return -1L << from & -1L >>> WAYS - 1 - to;
    }

    /** How many pages are free; looks at all of the tree. */
    long count() {
        return count(root, levels);
    }

    private static long count(Node node, int level) {
        long sum = 0;
        for (int child = 0; child < WAYS; child++) {
            if (node.largest[child] >= 0) {
                sum += level == 1 ? Long.bitCount(node.words[child])
                        : node.children[child] == null ? 1L << BITS * level : count(node.children[child], level - 1);
            }
        }
        return sum;
    }

    /** How many nodes it has. */
    int nodes() {
        return nodes;
    }

    // ---- changing

    /**
     * Makes pages free or taken, whatever they were.
     *
     * @throws IommuException ENOMEM if taking them needs more nodes than there may be; nothing has changed then
     */
    void set(long first, long last, boolean free) {
        if (!free && nodes + 2 * levels > maxNodes) {
            sweep(root, levels);
            if (nodes + 2 * levels > maxNodes) {
                throw IommuException.of(Errno.ENOMEM, "The free pages are too scattered: %d nodes are in use to know them", nodes);
            }
        }
        if (first >>> BITS == last >>> BITS) {
            setInWord(first, last, free, false);
        } else {
            set(root, levels, first, last, free);
        }
        if (idle > IDLE) {
            sweep(root, levels);
        }
    }

    /** Makes taken pages free; false if one of them is free already or not in the space, and nothing has changed then. */
    boolean release(long first, long last) {
        if (first >>> BITS != last >>> BITS || first < 0 || last >= span(levels)) {
            if (!taken(first, last)) {
                return false;
            }
            set(first, last, true);
            return true;
        }
        // Pages of one word are looked at and freed on the same way down.
        boolean released = setInWord(first, last, true, true);
        if (idle > IDLE) {
            sweep(root, levels);
        }
        return released;
    }

    /**
     * Changes pages of one word: down to it, and up as far as it matters.
     *
     * @param checked whether nothing is to be done if a page is so already
     * @return whether it was done
     */
    private boolean setInWord(long first, long last, boolean free, boolean checked) {
        var node = root;
        for (int level = levels; level > 1; level--) {
            int child = (int) (first >>> BITS * level) & WAYS - 1;
            path[level] = node;
            var kid = node.children[child];
            if (kid == null) {
                if (node.largest[child] == (free ? BITS * level : -1)) {
                    return !checked;
                }
                kid = grow(node, level, child, free);
            }
            node = kid;
        }
        int child = (int) (first >>> BITS) & WAYS - 1;
        long pages = mask(first & WAYS - 1, last & WAYS - 1);
        long before = node.words[child];
        if (checked && (before & pages) != 0) {
            return false;
        }
        long word = free ? before | pages : before & ~pages;
        node.words[child] = word;
        int now = largest(word);
        for (int level = 1; now != node.largest[child]; level++) {
            if (level > 1) {
                idle += idler(node.largest[child], now, BITS * level);
            }
            note(node, child, now);
            if (level == levels) {
                break;
            }
            now = largest(node, BITS * level);
            node = path[level + 1];
            child = (int) (first >>> BITS * (level + 1)) & WAYS - 1;
        }
        return true;
    }

    /** How many more children are all free than before. */
    private static int idler(int before, int now, int childOrder) {
        return now == childOrder ? 1 : before == childOrder ? -1 : 0;
    }

    /** Makes a child that was all free or all taken. */
    private Node grow(Node node, int level, int child, boolean free) {
        var kid = take(level - 1);
        kid.fill(BITS * (level - 1), node.largest[child] >= 0);
        node.children[child] = kid;
        if (!free) {
            idle++; // until something is taken from it
        }
        return kid;
    }

    /** Returns the largest order that the node has free now, or UNCHANGED. */
    private int set(Node node, int level, long first, long last, boolean free) {
        int childOrder = BITS * level;
        long inner = (1L << childOrder) - 1;
        int end = (int) (last >>> childOrder);
        boolean changed = false;
        for (int child = (int) (first >>> childOrder); child <= end; child++) {
            long from = child == first >>> childOrder ? first & inner : 0;
            long to = child == end ? last & inner : inner;
            int now;
            if (level == 1) {
                long before = node.words[child];
                long word = free ? before | mask(from, to) : before & ~mask(from, to);
                node.words[child] = word;
                now = word == before ? UNCHANGED : largest(word);
            } else {
                now = setChild(node, level, child, from, to, free);
            }
            if (now != UNCHANGED && now != node.largest[child]) {
                note(node, child, now);
                changed = true;
            }
        }
        return changed ? largest(node, childOrder) : UNCHANGED;
    }

    private int setChild(Node node, int level, int child, long from, long to, boolean free) {
        int childOrder = BITS * level;
        var kid = node.children[child];
        int all = free ? childOrder : -1;
        if (from == 0 && to == (1L << childOrder) - 1) {
            if (kid != null) {
                node.children[child] = null;
                drop(kid, level - 1, node.largest[child]);
            }
            return all;
        }
        if (kid == null) {
            if (node.largest[child] == all) {
                return UNCHANGED;
            }
            kid = grow(node, level, child, free);
        }
        int now = set(kid, level - 1, from, to, free);
        if (now >= -1 && now != node.largest[child]) {
            idle += idler(node.largest[child], now, childOrder);
        }
        return now;
    }

    private static void note(Node node, int child, int now) {
        long bit = 1L << child;
        int before = node.largest[child];
        for (int order = before + 1; order <= now; order++) {
            node.fits[order] |= bit;
        }
        for (int order = now + 1; order <= before; order++) {
            node.fits[order] &= ~bit;
        }
        node.largest[child] = (byte) now;
    }

    private static int largest(Node node, int childOrder) {
        if (node.fits[childOrder] != 0) {
            return childOrder + largest(node.fits[childOrder]);
        }
        int order = childOrder - 1;
        while (order >= 0 && node.fits[order] == 0) {
            order--;
        }
        return order;
    }

    private static int largest(long word) {
        if (word == -1L) {
            return BITS; // pages of a whole word come and go together most of the time
        }
        int order = -1;
        for (long runs = word; runs != 0; runs &= runs >>> (1 << order) & ALIGNED[order + 1]) {
            if (++order == BITS) {
                return order;
            }
        }
        return order;
    }

    // ---- nodes

    private Node take(int level) {
        nodes++;
        return spares[level] == 0 ? new Node(level) : spare[level][--spares[level]];
    }

    /** @param largest what the node has free: if all, it was idle */
    private void drop(Node node, int level, int largest) {
        int childOrder = BITS * level;
        if (largest == childOrder + BITS) {
            idle--;
        }
        if (level > 1) {
            for (int child = 0; child < WAYS; child++) {
                if (node.children[child] != null) {
                    drop(node.children[child], level - 1, node.largest[child]);
                    node.children[child] = null;
                }
            }
        }
        nodes--;
        if (spares[level] < IDLE) {
            spare[level][spares[level]++] = node;
        }
    }

    /** Gives back every node that has no taken page. */
    private void sweep(Node node, int level) {
        if (level == 1) {
            return;
        }
        for (int child = 0; child < WAYS; child++) {
            var kid = node.children[child];
            if (kid != null && node.largest[child] == BITS * level) {
                node.children[child] = null;
                drop(kid, level - 1, node.largest[child]);
            } else if (kid != null) {
                sweep(kid, level - 1);
            }
        }
    }
}
