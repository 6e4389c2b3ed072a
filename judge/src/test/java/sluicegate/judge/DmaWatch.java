package sluicegate.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import sluicegate.api.Device;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Pasid;

/**
 * Devices that read and write the same page all the while, and a note of what they may meet there at the moment. Each page of
 * the test holds its own number; a read or write that faults counts as page {@link #FAULT}.
 *
 * <p>What a DMA meets is judged only if what is allowed changed no more than once while it was under way.
 */
final class DmaWatch implements AutoCloseable {
    static final int FAULT = 0;

    private record Allowed(int change, long pages) {}

    private final long iova;
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong judged = new AtomicLong();
    private volatile Allowed allowed;
    private volatile boolean over;

    DmaWatch(long iova, int... pages) {
        this.iova = iova;
        this.allowed = new Allowed(0, mask(pages));
    }

    /** From now on {@code device} issues DMA. */
    DmaWatch add(Device device) {
        var thread = new Thread(() -> run(device), "dma of " + device.name());
        threads.add(thread);
        thread.start();
        return this;
    }

    private static long mask(int... pages) {
        long mask = 0;
        for (int page : pages) {
            mask |= 1L << page;
        }
        return mask;
    }

    /** What may be met from now on; called before something changes, with old and new, and after it, with new alone. */
    void allow(int... pages) {
        allowed = new Allowed(allowed.change() + 1, mask(pages));
    }

    /** Waits until devices have met what is allowed now {@code times} times more; not for ever. */
    void letRun(int times) {
        long goal = judged.get() + times;
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (judged.get() < goal && violations.isEmpty()) {
            if (System.nanoTime() > deadline) {
                violations.add("no DMA in ten seconds");
            }
            LockSupport.parkNanos(50_000);
        }
    }

    private void run(Device device) {
        var dma = device.busDevice().dma();
        var data = new byte[1];
        while (!over) {
            var before = allowed;
            int page = dma.read(Pasid.NONE, iova, data, 0, 1) == DmaStatus.OK ? data[0] : FAULT;
            // What it writes must be where only its page's reader looks for it: the same page's second byte.
            boolean written = dma.write(Pasid.NONE, iova + 1, data, 0, 1) == DmaStatus.OK;
            var after = allowed;
            if (after.change() - before.change() <= 1) {
                judged.incrementAndGet();
                long met = 1L << page | (written ? 0 : 1L << FAULT);
                if ((met & ~(before.pages() | after.pages())) != 0) {
                    violations.add(device.name() + " met page " + page + (written ? "" : " and could not write it") + " after change "
                            + before.change());
                }
            }
        }
    }

    Queue<String> violations() {
        return violations;
    }

    @Override
    public void close() {
        over = true;
        for (var thread : threads) {
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
