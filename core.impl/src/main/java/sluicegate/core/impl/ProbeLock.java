package sluicegate.core.impl;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** The lock of everything that comes and goes ({@code iommu_probe_device_lock}), and the news that something did. */
final class ProbeLock {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    void run(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            changed.signalAll();
            lock.unlock();
        }
    }

    /** Waits until {@code condition}, which is looked at under the lock, holds. Returns whether it does. */
    boolean await(BooleanSupplier condition, long time, TimeUnit unit) {
        lock.lock();
        try {
            long left = unit.toNanos(time);
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    void assertHeld() {
        assert lock.isHeldByCurrentThread() : "the probe lock must be held";
    }
}
