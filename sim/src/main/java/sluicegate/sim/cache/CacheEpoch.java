package sluicegate.sim.cache;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts invalidations, so that what was read from memory before one is not put into a cache after it.
 *
 * <p>Who misses reads the count, then the tables, and fills under the lock of the place to be filled only if the count is
 * still the same. An invalidation counts first and then takes every such lock (or sees that nobody holds it and nothing is
 * there to clear). So either the fill sees the new count, or the invalidation sees the fill.
 */
public final class CacheEpoch {
    /** A count that is never current: what was read under it is not kept. */
    public static final long NEVER = -1;

    private final AtomicLong count = new AtomicLong();

    /** To be read before the first entry of a table is. */
    public long current() {
        return count.get();
    }

    /** An invalidation begins. */
    public void advance() {
        count.incrementAndGet();
    }
}
