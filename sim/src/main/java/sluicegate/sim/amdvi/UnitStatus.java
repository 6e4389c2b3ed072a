package sluicegate.sim.amdvi;

import java.util.concurrent.atomic.AtomicLong;
import sluicegate.spec.amdvi.StatusRegister;

/** The status register: what runs, what overflowed, which interrupts are pending. Thread-safe. */
final class UnitStatus {
    private final AtomicLong bits = new AtomicLong();

    /** Sets bits; returns whether one of them was clear before. */
    boolean raise(long mask) {
        return (bits.getAndUpdate(old -> old | mask) & mask) != mask;
    }

    void clear(long mask) {
        bits.updateAndGet(old -> old & ~mask);
    }

    void set(long mask, boolean on) {
        if (on) {
            raise(mask);
        } else {
            clear(mask);
        }
    }

    boolean has(long mask) {
        return (bits.get() & mask) != 0;
    }

    long value() {
        return bits.get();
    }

    void write(long value, long mask) {
        clear(value & StatusRegister.WRITE_ONE_TO_CLEAR);
    }
}
