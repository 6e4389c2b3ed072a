package sluicegate.core.impl;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * From when a driver leaves a unit until the next one has all that the core remembers. Operations that meet it fail without
 * having done anything; who started them waits here, holding no lock, and tries again. Thread-safe.
 */
final class Handover {
    private final String unit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition over = lock.newCondition();
    /** Beginnings and ends so far: odd while a handover is under way. */
    private volatile long changes;
    private Duration patience = Duration.ZERO;
    private long since;

    Handover(String unit) {
        this.unit = unit;
    }

    /** @param newPatience for how long operations wait, from now on; nothing changes if a handover is under way */
    void begin(Duration newPatience) {
        lock.lock();
        try {
            if (!underWay()) {
                patience = newPatience;
                since = System.nanoTime();
                changes++;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The next driver has everything, or there will never be one. */
    void end() {
        lock.lock();
        try {
            if (underWay()) {
                changes++;
                over.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean underWay() {
        return (changes & 1) != 0;
    }

    /** To be asked for before an operation begins, so that {@link #await} knows whether it met a handover. */
    long seen() {
        return changes;
    }

    /**
     * For an operation that found no driver: waits until there is one.
     *
     * @param seen what {@link #seen} said before the operation
     * @return whether to try again; otherwise there was no handover, or its time was up before anybody waited
     * @throws IommuException EAGAIN if no driver came in time; EINTR if the thread was interrupted
     */
    boolean await(long seen) {
        lock.lock();
        try {
            boolean waited = false;
            while (underWay()) {
                long left = patience.toNanos() - (System.nanoTime() - since);
                if (left <= 0 && waited) {
                    throw IommuException.of(Errno.EAGAIN, "Unit %s is still without a driver, %d ms after the last one left; start a "
                            + "bundle that drives it, and try again", unit, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
                }
                if (left <= 0) {
                    return false;
                }
                waited = true;
                over.awaitNanos(left);
            }
            return changes != seen;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw IommuException.of(Errno.EINTR, "Interrupted while waiting for the next driver of unit %s; nothing was done", unit);
        } finally {
            lock.unlock();
        }
    }
}
