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
 * <p>Once two threads have met at the counter, each thread counts in a word that it shares with few others, so that none waits for
 * a line of another's cache. Each
 * word only grows; so the sum of all is the same before and after only if each of them is.
 */
public final class CacheEpoch {
    /** A count that is never current: what was read under it is not kept. */
    public static final long NEVER = -1;

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle ALONE;
    private static final int STRIPES = 8;
    /** Words between counters: two lines of a processor's cache, because these are fetched in pairs. */
    private static final int SPREAD_SHIFT = 4;

    static {
        try {
            ALONE = MethodHandles.lookup().findVarHandle(CacheEpoch.class, "alone", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Counted by whoever met nobody. */
    private volatile long alone;
    /** Counted since threads have met; null before. It is there before anything is counted in it. */
    private volatile long[] striped;

    /** To be read before the first entry of a table is. */
    public long current() {
        long sum = alone;
        var counts = striped;
        return counts == null ? sum : sum + sum(counts);
    }

    private static long sum(long[] counts) {
        long sum = 0;
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            sum += (long) COUNT.getVolatile(counts, place(stripe));
        }
        return sum;
    }

    /** An invalidation begins. */
    public void advance() {
        var counts = striped;
        if (counts == null) {
            long seen = alone;
            if (ALONE.compareAndSet(this, seen, seen + 1)) {
                return;
            }
            counts = stripe();
        }
        COUNT.getAndAdd(counts, place((int) Thread.currentThread().getId() & STRIPES - 1), 1L);
    }

    private synchronized long[] stripe() {
        if (striped == null) {
            striped = new long[STRIPES + 2 << SPREAD_SHIFT];
        }
        return striped;
    }

    private static int place(int stripe) {
        return stripe + 1 << SPREAD_SHIFT;
    }
}
