package sluicegate.sim.device;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the devices of a bus do what takes time: computing, DMA, interrupts, one thing after the other. There is a thread only
 * while there is something to do. Thread-safe.
 */
public final class DeviceThread implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceThread.class);
    private static final int IDLE_MILLIS = 1_000;
    private static final int JOIN_MILLIS = 5_000;

    private final ThreadPoolExecutor pool;

    /** @param machine name of the machine, for its thread */
    public DeviceThread(String machine) {
        pool = new ThreadPoolExecutor(1, 1, IDLE_MILLIS, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), work -> {
            var thread = new Thread(work, "sluicegate-" + machine + "-devices");
            thread.setDaemon(true);
            return thread;
        }, new ThreadPoolExecutor.DiscardPolicy());
        pool.allowCoreThreadTimeOut(true);
    }

    /** Does it soon; never, once this is closed. */
    @Override
    public void execute(Runnable work) {
        pool.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.error("A device model failed", e);
            }
        });
    }

    /** Drops what has not begun and waits, within reason, for what has. */
    @Override
    public void close() {
        pool.shutdownNow();
        try {
            if (!pool.awaitTermination(JOIN_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.warn("A device model does not end what it does");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
