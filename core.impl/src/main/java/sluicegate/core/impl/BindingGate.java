package sluicegate.core.impl;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * The way to a unit's driver. Reading who is bound takes no lock; a call that goes through it is finished before
 * {@link #close} returns, so that a driver is not called any more once it has begun to leave.
 */
final class BindingGate {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile Binding binding;

    Optional<Binding> binding() {
        return Optional.ofNullable(binding);
    }

    void open(Binding newBinding) {
        binding = newBinding;
    }

    /** Empties the gate and waits for calls under way. */
    void close() {
        lock.writeLock().lock();
        try {
            binding = null;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /**
     * Lets one call through if {@code expected} is still bound: it is then followed by {@link #exit}. For paths that must not
     * allocate; others {@link #call}.
     */
    boolean enter(Binding expected) {
        lock.readLock().lock();
        if (binding == expected) {
            return true;
        }
        lock.readLock().unlock();
        return false;
    }

    void exit() {
        lock.readLock().unlock();
    }

    /** What {@code call} answers; empty if no driver is bound. */
    <R> Optional<R> call(Function<Binding, R> call) {
        lock.readLock().lock();
        try {
            return Optional.ofNullable(binding).map(call);
        } finally {
            lock.readLock().unlock();
        }
    }
}
