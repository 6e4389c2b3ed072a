package sluicegate.sim.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts invalidations, so that what was read from memory before one is not put into a cache after it.
 *
 * <p>Who misses reads the count, then the tables, and fills under the lock of the place to be filled only if the count is
 * still the same. An invalidation counts first and then takes every such lock (or sees that nobody holds it and nothing is
 * there to clear). So either the fill sees the new count, or the invalidation sees the fill.
 *
 * <p>Threads that invalidate at the same time count in different words, so that none waits for a line of the other's cache. Each word
 * only grows; so the sum of all is the same before and after only if each of them is. Words that nobody has counted in are
 * not looked at: with one thread that invalidates there is one.
 */
public final class CacheEpoch {
    /** A count that is never current: what was read under it is not kept. */
    public static final long NEVER = -1;

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle USED;
    private static final int STRIPES = 8;
    /** Words between counters: two lines of a processor's cache, because these are fetched in pairs. */
    private static final int SPREAD_SHIFT = 4;

    static {
        try {
            USED = MethodHandles.lookup().findVarHandle(CacheEpoch.class, "used", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[] counts = new long[STRIPES + 2 << SPREAD_SHIFT];
    /** One bit for each word that was ever counted in. */
    private volatile int used;

    /** To be read before the first entry of a table is. */
    public long current() {
        int left = used;
        long sum = 0;
        for (int stripe = 0; left != 0; left >>>= 1, stripe++) {
            if ((left & 1) != 0) {
                sum += (long) COUNT.getVolatile(counts, place(stripe));
            }
        }
        return sum;
    }

    /** An invalidation begins. */
    public void advance() {
        int stripe = (int) Thread.currentThread().getId() & STRIPES - 1;
        if ((used & 1 << stripe) == 0) {
            // Before it counts: who does not see the bit does not see the count either.
            USED.getAndBitwiseOr(this, 1 << stripe);
        }
        COUNT.getAndAdd(counts, place(stripe), 1L);
    }

    private static int place(int stripe) {
        return stripe + 1 << SPREAD_SHIFT;
    }
}
