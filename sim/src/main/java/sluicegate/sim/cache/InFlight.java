package sluicegate.sim.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts DMAs between their translation and the end of their access to memory, so that an invalidation can wait for those
 * that may still use what it removed (draining, VT-d 6.5.4).
 *
 * <p>There are two sets of counters. DMAs enter through the one in use; draining switches to the other and waits until the
 * first is empty, which DMAs that begin later do not delay. Counters are striped by thread. A DMA must not wait for anything
 * while it is in flight.
 */
public final class InFlight {
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle USED;
    private static final int STRIPES = 16;
    /** Words between counters: two lines of a processor's cache, because these are fetched in pairs. */
    private static final int SPREAD_SHIFT = 4;
    private static final int SPINS = 1_000;

    static {
        try {
            USED = MethodHandles.lookup().findVarHandle(InFlight.class, "used", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[] counts = new long[(2 * STRIPES + 1) << SPREAD_SHIFT];
    private volatile int side;
    /** Which stripes ever counted a DMA, one bit each, so that draining looks at no others. Set before the first count. */
    private volatile int used;

    /**
     * A DMA begins, before it asks for a translation.
     *
     * @return what to give to {@link #exit}
     */
    public int enter() {
        int stripe = (int) Thread.currentThread().getId() & STRIPES - 1;
        if ((used & 1 << stripe) == 0) {
            USED.getAndBitwiseOr(this, 1 << stripe);
        }
        while (true) {
            int entered = side;
            int slot = (2 * stripe + entered + 1) << SPREAD_SHIFT;
            COUNT.getAndAdd(counts, slot, 1L);
            if (side == entered) {
                return slot;
            }
            // A drain began in between and may have looked at the counter already: count with the new ones.
            COUNT.getAndAdd(counts, slot, -1L);
        }
    }

    /** A DMA has ended: memory was read or written, or it faulted. */
    public void exit(int slot) {
        COUNT.getAndAddRelease(counts, slot, -1L);
    }

    /** Waits until every DMA that is in flight now has ended. Not to be called by one of them. */
    public void drain() {
        // Orders what was invalidated before the counters, as entering orders them before a translation.
        VarHandle.fullFence();
        if (!isIdle()) {
            drainBusy();
        }
    }

    /** Whether every counter was seen at zero: whoever is in flight now came after that. Writes nothing that others read. */
    private boolean isIdle() {
        long counted = 0;
        for (int left = used; left != 0; left &= left - 1) {
            int slot = 2 * Integer.numberOfTrailingZeros(left) + 1 << SPREAD_SHIFT;
            counted |= (long) COUNT.getAcquire(counts, slot) | (long) COUNT.getAcquire(counts, slot + (1 << SPREAD_SHIFT));
        }
        return counted == 0;
    }

    private synchronized void drainBusy() {
        int old = side;
        side = 1 - old;
        for (int left = used; left != 0; left &= left - 1) {
            int slot = (2 * Integer.numberOfTrailingZeros(left) + old + 1) << SPREAD_SHIFT;
            for (int spins = 0; (long) COUNT.getVolatile(counts, slot) != 0; spins++) {
                if (spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield();
                }
            }
        }
    }

    /** Which counters DMAs enter through now, for tests. */
    int side() {
        return side;
    }
}
