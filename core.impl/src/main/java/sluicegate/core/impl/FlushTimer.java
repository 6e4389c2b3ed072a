package sluicegate.core.impl;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the wait of what DMA-FQ domains have unmapped ({@code fq_flush_timeout}). One thread for all domains, which is there
 * only while something waits.
 */
class FlushTimer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlushTimer.class);
    /** How long an unmapped range may wait at most ({@code IOVA_DEFAULT_FQ_TIMEOUT}). */
    private static final long MILLIS = 10;

    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
        var thread = new Thread(task, "iommu-flush");
        thread.setDaemon(true);
        return thread;
    });

    FlushTimer() {
        executor.setKeepAliveTime(1, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Runs {@code flush} in a short time, unless this is closed before. What it throws is logged. */
    void start(Runnable flush) {
        start(flush, MILLIS);
    }

    /** The same in a time of the caller's choice. */
    void start(Runnable flush, long millis) {
        if (!executor.isShutdown()) {
            executor.schedule(() -> {
                try {
                    flush.run();
                } catch (RuntimeException | LinkageError e) {
                    LOG.error("What was unmapped goes on waiting", e);
                }
            }, millis, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
