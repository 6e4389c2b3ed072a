package sluicegate.core.impl.iopf;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads on which handlers of page requests run ({@code iopf_queue_alloc}: a workqueue). There are as many as there are
 * attachments with something to handle, so that a handler that is stuck keeps nobody else from theirs; idle ones end soon.
 */
public final class RequestThreads implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RequestThreads.class);
    private static final long END_SECONDS = 5;

    private final AtomicInteger numbers = new AtomicInteger();
    private final ThreadPoolExecutor pool = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS,
            new SynchronousQueue<>(), task -> {
        var thread = new Thread(task, "iommu-iopf-" + numbers.getAndIncrement());
        thread.setDaemon(true);
        return thread;
    });

    /** @throws java.util.concurrent.RejectedExecutionException after {@link #close} */
    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** Interrupts handlers that are still at work, and waits for them to end. */
    @Override
    public void close() {
        pool.shutdownNow();
        try {
            if (!pool.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.error("{} handlers of page requests do not end", pool.getActiveCount());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
