package sluicegate.core.impl;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Device;

/**
 * How long devices wait for a driver of their unit before that counts as an error ({@code driver_deferred_probe_timeout}). The
 * time starts anew with each driver that is registered, as in the kernel; what has waited for too long is named in the log
 * once. Its driver is welcome all the same when it comes: unlike in the kernel, nothing can have gone on without an IOMMU
 * meanwhile. Everything but {@link #close} runs under the probe lock.
 */
final class Deferral {
    private static final Logger LOG = LoggerFactory.getLogger(Deferral.class);

    private final ProbeLock lock;
    /** Has a thread only while something waits. */
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
        var thread = new Thread(task, "sluicegate-deferral");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<CoreDevice> waiting = new LinkedHashSet<>();
    private Duration bound = Duration.ofSeconds(10);
    private long since = System.nanoTime();
    private boolean scheduled;

    Deferral(ProbeLock lock) {
        this.lock = lock;
        timer.setKeepAliveTime(1, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    /** @param newBound zero if devices may wait for ever; counts for what is deferred from now on */
    void setBound(Duration newBound) {
        bound = newBound;
    }

    void defer(CoreDevice device, String why) {
        lock.assertHeld();
        device.become(Device.State.DEFERRED, why);
        if (!bound.isZero() && !device.overdue() && waiting.add(device)) {
            device.waitsSince(System.nanoTime());
            schedule(bound.toNanos());
        }
    }

    /** A driver was registered: maybe more are on their way. */
    void restart() {
        since = System.nanoTime();
    }

    private void schedule(long nanos) {
        if (!scheduled && !timer.isShutdown()) {
            scheduled = true;
            timer.schedule(() -> lock.run(this::look), nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        scheduled = false;
        waiting.removeIf(device -> device.state() != Device.State.DEFERRED);
        long now = System.nanoTime();
        long soonest = Long.MAX_VALUE;
        for (var each = waiting.iterator(); each.hasNext();) {
            var device = each.next();
            long left = bound.toNanos() - Math.min(now - since, now - device.waitsSince());
            if (left <= 0) {
                each.remove();
                expire(device);
            } else {
                soonest = Math.min(soonest, left);
            }
        }
        if (!waiting.isEmpty()) {
            schedule(soonest);
        }
    }

    private void expire(CoreDevice device) {
        device.becomeOverdue(device.problem().orElse("Deferred") + " (it has waited for more than " + bound.toMillis() + " ms)");
        LOG.warn("{} still waits: {}", device.name(), device.problem().orElseThrow());
    }

    void close() {
        timer.shutdownNow();
    }
}
