package sluicegate.core.impl.iova;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Freed addresses of small power-of-two sizes, ready to be given out again ({@code iova_rcache}). Threads are spread over
 * stripes by their ids; each stripe has a stack for each size, whose half goes to the {@link Depot} when it is full and comes from
 * there when it is empty. A stripe is locked by one word and never waited for: who finds it locked takes the next one.
 *
 * <p>Everything that is written is in one array, a stripe's words apart from those of the next one and from the array's length, which
 * all threads read: locks in objects of their own end up beside what others read, and cost three times as much.
 */
final class Magazines {
    /** Sizes are 1, 2, 4, 8, 16 and 32 pages ({@code IOVA_RANGE_CACHE_MAX_SIZE}). */
    static final int ORDERS = 6;
    /** What moves to and from the depot at once ({@code IOVA_MAG_SIZE}). */
    static final int SIZE = 127;

    private static final int STACK = 2 * SIZE;
    /** 128 bytes: what processors fetch together. */
    private static final int APART = 16;
    private static final int COUNTS = 1;
    private static final int STRIDE = 2 * APART + (ORDERS * STACK + APART - 1) / APART * APART;
    private static final int NONE = -1;

    /** What {@link #put} returns if every stripe was locked: the address has to go elsewhere. */
    static final int REFUSED = -1;
    /** The address is in. */
    static final int TAKEN = 0;
    /** The address is in, and half a stack has gone to the depot or to the sink. */
    static final int MOVED = 1;

    private static final VarHandle LOCK = MethodHandles.arrayElementVarHandle(long[].class);

    /** Each stripe: lock, counts, room, stacks, room. */
    private final long[] words;
    private final int mask;
    private final Depot depot;
    private final Sink sink;

    /**
     * @param stripes a power of two
     * @param sink takes what the depot has no room for
     */
    Magazines(int stripes, Depot depot, Sink sink) {
        this.words = new long[APART + stripes * STRIDE];
        this.mask = stripes - 1;
        this.depot = depot;
        this.sink = sink;
    }

    /**
     * An address of a size at or below {@code max}, or {@link FreePages#NONE}.
     *
     * @param order of its size in pages
     */
    long take(int order, long max) {
        var all = words;
        int stripe = lock(all);
        if (stripe == NONE) {
            return FreePages.NONE;
        }
        int count = (int) all[stripe + COUNTS + order];
        int stack = stack(stripe, order);
        if (count == 0) {
            count = depot.take(order, all, stack);
        }
        long found = FreePages.NONE;
        int at = count - 1;
        while (at >= 0 && all[stack + at] > max) {
            at--;
        }
        if (at >= 0) {
            found = all[stack + at];
            count--;
            all[stack + at] = all[stack + count];
        }
        all[stripe + COUNTS + order] = count;
        unlock(all, stripe);
        return found;
    }

    /** Takes a freed address in; returns {@link #REFUSED}, {@link #TAKEN} or {@link #MOVED}. */
    int put(int order, long page) {
        var all = words;
        int stripe = lock(all);
        if (stripe == NONE) {
            return REFUSED;
        }
        int outcome = TAKEN;
        int count = (int) all[stripe + COUNTS + order];
        int stack = stack(stripe, order);
        if (count == STACK) {
            if (!depot.put(order, all, stack)) {
                sink.give(order, all, stack, SIZE);
            }
            System.arraycopy(all, stack + SIZE, all, stack, SIZE);
            count = SIZE;
            outcome = MOVED;
        }
        all[stack + count] = page;
        all[stripe + COUNTS + order] = count + 1;
        unlock(all, stripe);
        return outcome;
    }

    /** What takes addresses that leave the magazines, under a stripe's lock; it must not throw. */
    @FunctionalInterface
    interface Sink {
        void give(int order, long[] pages, int offset, int count);
    }

    /** Empties all stripes and the depot ({@code free_cpu_cached_iovas}, {@code free_global_cached_iovas}). */
    void flush() {
        var out = new long[SIZE];
        for (int i = 0; i <= mask; i++) {
            int stripe = stripe(i);
            while (!tryLock(words, stripe)) {
                Thread.yield();
            }
            for (int order = 0; order < ORDERS; order++) {
                sink.give(order, words, stack(stripe, order), (int) words[stripe + COUNTS + order]);
                words[stripe + COUNTS + order] = 0;
            }
            unlock(words, stripe);
        }
        for (int order = 0; order < ORDERS; order++) {
            while (depot.take(order, out, 0) != 0) {
                sink.give(order, out, 0, SIZE);
            }
        }
    }

    /** How many pages it holds, counted while others may change that. */
    long pages() {
        long sum = 0;
        for (int order = 0; order < ORDERS; order++) {
            long held = depot.held(order);
            for (int i = 0; i <= mask; i++) {
                held += words[stripe(i) + COUNTS + order];
            }
            sum += held << order;
        }
        return sum;
    }

    private int lock(long[] all) {
        int home = (int) Thread.currentThread().getId();
        int stripe = stripe(home & mask);
        return tryLock(all, stripe) ? stripe : lockAnother(all, home);
    }

    private int lockAnother(long[] all, int home) {
        for (int i = 1; i <= mask; i++) {
            int stripe = stripe(home + i & mask);
            if (tryLock(all, stripe)) {
                return stripe;
            }
        }
        return NONE;
    }

    private static boolean tryLock(long[] all, int stripe) {
        return LOCK.compareAndSet(all, stripe, 0L, 1L);
    }

    private static void unlock(long[] all, int stripe) {
        LOCK.setRelease(all, stripe, 0L);
    }

    private static int stripe(int index) {
        return APART + index * STRIDE;
    }

    private static int stack(int stripe, int order) {
        return stripe + APART + order * STACK;
    }
}
