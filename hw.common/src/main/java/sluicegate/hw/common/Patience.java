package sluicegate.hw.common;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * How long a driver waits for hardware, and how: it spins at first, because an answer takes a microsecond, and
 * then sleeps between looks. Waiting allocates nothing.
 *
 * @param limitNanos the longest wait
 * @param clock nanoseconds from any origin, such as {@link System#nanoTime}
 */
public record Patience(long limitNanos, LongSupplier clock) {
    private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    /** By the clock of the world. */
    public static Patience ofMillis(long millis) {
        return new Patience(TimeUnit.MILLISECONDS.toNanos(millis), System::nanoTime);
    }

    /** The time at which a wait begins, for {@link #pause}. */
    public long begin() {
        return clock.getAsLong();
    }

    /**
     * Lets a moment pass between two looks.
     *
     * @param unit which unit is waited for
     * @param what the thing that has not happened yet, for the message
     * @throws IommuException ETIMEDOUT once the limit has passed
     */
    public void pause(long begun, String unit, String what) {
        long waited = clock.getAsLong() - begun;
        if (waited > limitNanos) {
            throw IommuException.of(Errno.ETIMEDOUT, "%s: %s, after waiting for %d ms; the unit does not answer", unit, what,
                    TimeUnit.NANOSECONDS.toMillis(limitNanos));
        }
        if (waited > SPIN_NANOS) {
            LockSupport.parkNanos(SPIN_NANOS / 2);
        } else {
            Thread.onSpinWait();
        }
    }
}
