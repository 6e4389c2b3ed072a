package sluicegate.core.impl.iova;

/**
 * Full magazines that no stripe needs now ({@code iova_rcache::depot}), one stack for each size. What is in it for long is
 * given back, see {@link #reclaim}; emptied arrays are used again. Thread-safe.
 */
final class Depot {
    /** How many magazines of one size it holds at most. */
    static final int CAPACITY = 64;

    private final int keep;
    private final long[][][] full = new long[Magazines.ORDERS][CAPACITY][];
    private final int[] count = new int[Magazines.ORDERS];

    /** @param keep how many magazines of each size {@link #reclaim} leaves */
    Depot(int keep) {
        this.keep = Math.min(keep, CAPACITY);
    }

    /** Copies a magazine in; false if there is no room. */
    synchronized boolean put(int order, long[] from, int offset) {
        int at = count[order];
        if (at == CAPACITY) {
            return false;
        }
        if (full[order][at] == null) {
            full[order][at] = new long[Magazines.SIZE];
        }
        System.arraycopy(from, offset, full[order][at], 0, Magazines.SIZE);
        count[order] = at + 1;
        return true;
    }

    /** Copies a magazine out; returns how many pages that are, 0 if there was none. */
    synchronized int take(int order, long[] to, int offset) {
        if (count[order] == 0) {
            return 0;
        }
        System.arraycopy(full[order][--count[order]], 0, to, offset, Magazines.SIZE);
        return Magazines.SIZE;
    }

    /** Whether {@link #reclaim} has something to give back. */
    synchronized boolean crowded() {
        for (int order = 0; order < Magazines.ORDERS; order++) {
            if (count[order] > keep) {
                return true;
            }
        }
        return false;
    }

    /**
     * Copies one magazine out if there are more than are to be kept, and forgets its array.
     *
     * @return whether there was one
     */
    synchronized boolean reclaim(int order, long[] to) {
        if (count[order] <= keep) {
            return false;
        }
        take(order, to, 0);
        full[order][count[order]] = null;
        return true;
    }

    /** How many addresses of a size it holds. */
    synchronized int held(int order) {
        return count[order] * Magazines.SIZE;
    }
}
