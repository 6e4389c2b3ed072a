package sluicegate.sim.amdvi;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.EventLogHeadRegister;

/**
 * A log that the unit fills and software empties (2.5, 2.6): base, head and tail registers, which the event log and the PPR log
 * have in the same form, and records of two words.
 *
 * <p>Not thread-safe by itself: its owner's lock guards everything but the reads of registers.
 */
final class LogBuffer {
    static final int RECORD_BYTES = 16;

    private static final long BASE_BITS = ~EventLogBaseRegister.LAYOUT.reservedMask(0);
    private static final long POINTER_BITS = EventLogHeadRegister.EVENTHEADPTR.mask();

    private final PhysicalMemory memory;
    private final Object lock;
    private volatile long base;
    private volatile long head;
    private volatile long tail;
    /** Between being switched on and an overflow or being switched off. */
    private boolean running;

    /** What became of a record. */
    enum Outcome {
        WRITTEN,
        /** There was no room: the log has stopped. */
        OVERFLOW,
        /** There is no memory where it should go. */
        NO_MEMORY,
        /** The log does not run. */
        OFF
    }

    LogBuffer(PhysicalMemory memory, Object lock) {
        this.memory = memory;
        this.lock = lock;
    }

    boolean running() {
        return running;
    }

    void run(boolean on) {
        running = on;
    }

    /** Lengths below the smallest count as that. */
    private long bytes() {
        long length = Math.max(EventLogBaseRegister.EVENTLEN.get(base), EventLogBaseRegister.MIN_LENGTH);
        return (long) RECORD_BYTES << length;
    }

    /** How many records software has not read yet. */
    int pending() {
        return (int) ((tail - head & bytes() - 1) / RECORD_BYTES);
    }

    Outcome append(long low, long high) {
        if (!running) {
            return Outcome.OFF;
        }
        long mask = bytes() - 1;
        long next = tail + RECORD_BYTES & mask;
        if (next == (head & mask)) {
            running = false;
            return Outcome.OVERFLOW;
        }
        long slot = EventLogBaseRegister.EVENTBASE.inPlace(base) + (tail & mask);
        if (!memory.contains(slot, RECORD_BYTES)) {
            return Outcome.NO_MEMORY;
        }
        // The code is in the first word: software may wait for it to become non-zero.
        memory.set64Release(slot + 8, high);
        memory.set64Release(slot, low);
        tail = next;
        return Outcome.WRITTEN;
    }

    long base() {
        return base;
    }

    long head() {
        return head;
    }

    long tail() {
        return tail;
    }

    Writer baseWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                if (!running) {
                    base = (base & ~mask | value) & BASE_BITS;
                }
            }
        };
    }

    Writer headWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                head = (head & ~mask | value) & POINTER_BITS;
            }
        };
    }

    /** Software may write it while the log does not run. */
    Writer tailWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                if (!running) {
                    tail = (tail & ~mask | value) & POINTER_BITS;
                }
            }
        };
    }
}
