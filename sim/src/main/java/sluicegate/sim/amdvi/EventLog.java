package sluicegate.sim.amdvi;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.amdvi.HardwareEventStatusRegister;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * The event log (2.5). A record that can't be written goes to the hardware event registers where there are any.
 *
 * <p>Thread-safe with a lock of its own, under which nothing waits: a DMA that faults must be able to say so while a command
 * waits for that DMA.
 */
final class EventLog {
    private static final long INTERRUPT = StatusRegister.EVENTLOGINT.mask();
    private static final long HELD = HardwareEventStatusRegister.HEV.mask();
    private static final long HELD_TWICE = HardwareEventStatusRegister.HEO.mask();

    private final LogBuffer buffer;
    private final UnitStatus status;
    private final Messages messages;
    private final boolean hardwareEvents;
    private boolean interrupts;
    private volatile long heldLow;
    private volatile long heldHigh;
    private volatile long heldStatus;

    EventLog(PhysicalMemory memory, UnitStatus status, Messages messages, boolean hardwareEvents) {
        this.buffer = new LogBuffer(memory, this, status, LogBuffer.Kind.EVENTS);
        this.status = status;
        this.messages = messages;
        this.hardwareEvents = hardwareEvents;
    }

    LogBuffer buffer() {
        return buffer;
    }

    /** @param interrupt ControlRegister.EVENTINTEN */
    synchronized void enable(boolean on, boolean interrupt) {
        interrupts = interrupt;
        buffer.enable(on);
    }

    /** Logs an event, or that one was lost. */
    synchronized void log(long low, long high) {
        switch (buffer.append(low, high)) {
            case WRITTEN, OVERFLOW -> interrupt();
            case NO_MEMORY -> hold(low, high);
            case OFF -> { }
        }
    }

    private void interrupt() {
        if (interrupts && status.raise(INTERRUPT)) {
            messages.sendGeneral();
        }
    }

    private void hold(long low, long high) {
        if (!hardwareEvents) {
            return;
        }
        if ((heldStatus & HELD) != 0) {
            heldStatus |= HELD_TWICE;
            return;
        }
        heldLow = low;
        heldHigh = high;
        heldStatus |= HELD;
    }

    /** The first word of the event that is held. */
    long heldLow() {
        return heldLow;
    }

    long heldHigh() {
        return heldHigh;
    }

    long heldStatus() {
        return heldStatus;
    }

    Writer heldStatusWriter() {
        return (value, mask) -> {
            synchronized (this) {
                heldStatus &= ~(value & (HELD | HELD_TWICE));
            }
        };
    }
}
