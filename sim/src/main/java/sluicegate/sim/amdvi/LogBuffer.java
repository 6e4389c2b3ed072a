package sluicegate.sim.amdvi;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.Field;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.EventLogHeadRegister;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.GuestLogHeadRegister;
import sluicegate.spec.amdvi.GuestLogRecord;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * A log that the unit fills and software empties (2.5 to 2.7): base, head and tail registers, which all logs have in the same form,
 * and records of two words or of one. When it is full the overflow bit is set and it stops until software switches it off, clears the bit
 * and switches it on again (2.5.1, 2.6.1, 2.7.4).
 *
 * <p>Not thread-safe by itself: its owner's lock guards everything but the reads of registers.
 */
final class LogBuffer {
    private static final long BASE_BITS = ~EventLogBaseRegister.LAYOUT.reservedMask(0);

    private final PhysicalMemory memory;
    private final Object lock;
    private final UnitStatus status;
    private final Kind kind;
    private volatile long base;
    private volatile long head;
    private volatile long tail;
    private boolean enabled;
    /** Between being switched on and an overflow or being switched off. */
    private boolean running;

    /** What tells the logs apart. */
    enum Kind {
        EVENTS(EventLogRecord.BYTES, EventLogHeadRegister.EVENTHEADPTR, StatusRegister.EVENTLOGRUN, StatusRegister.EVENTOVERFLOW),
        PAGE_REQUESTS(EventLogRecord.BYTES, EventLogHeadRegister.EVENTHEADPTR, StatusRegister.PPRLOGRUN,
                StatusRegister.PPROVERFLOW),
        GUESTS(GuestLogRecord.BYTES, GuestLogHeadRegister.GALOGHEADPTR, StatusRegister.GALOGRUN, StatusRegister.GALOVERFLOW);

        private final int recordBytes;
        private final long pointerBits;
        private final long run;
        private final long overflow;

        Kind(int recordBytes, Field pointer, Field run, Field overflow) {
            this.recordBytes = recordBytes;
            this.pointerBits = pointer.mask();
            this.run = run.mask();
            this.overflow = overflow.mask();
        }
    }

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

    LogBuffer(PhysicalMemory memory, Object lock, UnitStatus status, Kind kind) {
        this.memory = memory;
        this.lock = lock;
        this.status = status;
        this.kind = kind;
    }

    void enable(boolean on) {
        if (on != enabled) {
            enabled = on;
            running = on && !status.has(kind.overflow);
            status.set(kind.run, running);
        }
    }

    /** Lengths below the smallest count as that. */
    private long bytes() {
        long length = Math.max(EventLogBaseRegister.EVENTLEN.get(base), EventLogBaseRegister.MIN_LENGTH);
        return (long) kind.recordBytes << length;
    }

    /** How many records software has not read yet. */
    int pending() {
        return (int) ((tail - head & bytes() - 1) / kind.recordBytes);
    }

    /** @param high nothing where records have one word */
    Outcome append(long low, long high) {
        if (!running) {
            return Outcome.OFF;
        }
        long mask = bytes() - 1;
        long next = tail + kind.recordBytes & mask;
        if (next == (head & mask)) {
            running = false;
            status.clear(kind.run);
            status.raise(kind.overflow);
            return Outcome.OVERFLOW;
        }
        long slot = EventLogBaseRegister.EVENTBASE.inPlace(base) + (tail & mask);
        if (!memory.contains(slot, kind.recordBytes)) {
            return Outcome.NO_MEMORY;
        }
        // The code is in the first word: software may wait for it to become non-zero.
        if (kind.recordBytes > Long.BYTES) {
            memory.set64Release(slot + Long.BYTES, high);
        }
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
                head = (head & ~mask | value) & kind.pointerBits;
            }
        };
    }

    /** Software may write it while the log does not run. */
    Writer tailWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                if (!running) {
                    tail = (tail & ~mask | value) & kind.pointerBits;
                }
            }
        };
    }
}
