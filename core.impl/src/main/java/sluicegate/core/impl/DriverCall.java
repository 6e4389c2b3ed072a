package sluicegate.core.impl;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The calls with which a driver takes a unit and leaves it, made in such a way that one that never returns holds up nobody for
 * ever: on a thread of their own, which is interrupted and left to itself when the time is up.
 */
final class DriverCall {
    /** Hardware has seconds to answer, and drivers give up on it by themselves before that. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private DriverCall() {}

    /**
     * Makes a call.
     *
     * @param what the sentence's beginning for an error, such as "Probing dmar0"
     * @throws IommuException what the driver throws, EIO for anything else than that; ETIMEDOUT
     */
    static <R> R make(String what, Supplier<R> call) {
        return make(what, LIMIT, call);
    }

    static <R> R make(String what, Duration limit, Supplier<R> call) {
        var task = new FutureTask<>(call::get);
        var thread = new Thread(task, "sluicegate " + what);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw DriverErrors.of(e.getCause(), what);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw IommuException.of(Errno.ETIMEDOUT, "%s: the driver has not returned after %d ms", what, limit.toMillis());
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw IommuException.of(Errno.EINTR, "%s: interrupted", what);
        }
    }
}
