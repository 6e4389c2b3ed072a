package sluicegate.sim.vtd;

import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.vtd.FaultEventAddressRegister;
import sluicegate.spec.vtd.FaultEventControlRegister;

/**
 * One event of the unit that software is told of by a message: the control, data, address and upper address registers (VT-d
 * 11.4.7.2 to 5 for faults, 11.4.9 for invalidation completion, which have the same form), with mask and pending bit.
 *
 * <p>Not thread-safe by itself: its owner's lock guards {@link #trigger}, {@link #clearPending} and the writers; reads are
 * free.
 */
final class EventInterrupt {
    private static final long IM = FaultEventControlRegister.IM.mask();
    private static final long IP = FaultEventControlRegister.IP.mask();

    private final InterruptController interrupts;
    private final Object lock;
    private volatile boolean masked = true;
    private volatile boolean pending;
    private volatile int data;
    private volatile int address;
    private volatile int upperAddress;

    /** @param lock its owner's */
    EventInterrupt(InterruptController interrupts, Object lock) {
        this.interrupts = interrupts;
        this.lock = lock;
    }

    /** A new interrupt condition: the message goes out, or waits for the mask to be lifted. */
    void trigger() {
        if (masked) {
            pending = true;
        } else {
            send();
        }
    }

    /** Software has dealt with the condition before the message went out. */
    void clearPending() {
        pending = false;
    }

    private void send() {
        pending = false;
        interrupts.raise(Integer.toUnsignedLong(upperAddress) << 32 | Integer.toUnsignedLong(address), data);
    }

    long control() {
        return (masked ? IM : 0) | (pending ? IP : 0);
    }

    Writer controlWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                masked = (value & IM) != 0;
                if (!masked && pending) {
                    send();
                }
            }
        };
    }

    long data() {
        return data;
    }

    long address() {
        return Integer.toUnsignedLong(address);
    }

    long upperAddress() {
        return Integer.toUnsignedLong(upperAddress);
    }

    Writer dataWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                data = (int) value;
            }
        };
    }

    Writer addressWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                address = (int) FaultEventAddressRegister.MA.inPlace(value);
            }
        };
    }

    Writer upperAddressWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                upperAddress = (int) value;
            }
        };
    }
}
