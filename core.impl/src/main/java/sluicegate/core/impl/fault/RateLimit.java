package sluicegate.core.impl.fault;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Lets a burst through in each interval and counts the rest ({@code DEFAULT_RATELIMIT_STATE}). Lock-free. */
public final class RateLimit {
    private final int burst;
    private final long interval;
    private final LongSupplier clock;
    private final AtomicLong began;
    private final AtomicInteger passed = new AtomicInteger();
    private final AtomicInteger held = new AtomicInteger();

    /**
     * @param interval in the clock's unit
     * @param clock such as {@link System#nanoTime}
     */
    public RateLimit(int burst, long interval, LongSupplier clock) {
        this.burst = burst;
        this.interval = interval;
        this.clock = clock;
        this.began = new AtomicLong(clock.getAsLong());
    }

    /** Whether this one may pass. */
    public boolean pass() {
        long now = clock.getAsLong();
        long start = began.get();
        if (now - start >= interval && began.compareAndSet(start, now)) {
            passed.set(0);
        }
        if (passed.getAndIncrement() < burst) {
            return true;
        }
        held.incrementAndGet();
        return false;
    }

    /** How many were held back since this was last asked. */
    public int heldBack() {
        return held.getAndSet(0);
    }
}
