package sluicegate.sim.amdvi;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.GuestLogRecord;
import sluicegate.spec.amdvi.GuestLogTailAddressRegister;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * The guest log (2.7): which virtual processors that do not run have got an interrupt. Where the tail is, the unit also writes to memory.
 *
 * <p>Thread-safe with a lock of its own, under which nothing waits.
 */
final class GuestLog {
    private static final long INTERRUPT = StatusRegister.GAINT.mask();
    private static final long TAIL_ADDRESS_BITS = ~GuestLogTailAddressRegister.LAYOUT.reservedMask(0);

    private final PhysicalMemory memory;
    private final LogBuffer buffer;
    private final UnitStatus status;
    private final Messages messages;
    private boolean interrupts;
    private volatile long tailAddress;

    GuestLog(PhysicalMemory memory, UnitStatus status, Messages messages) {
        this.memory = memory;
        this.buffer = new LogBuffer(memory, this, status, LogBuffer.Kind.GUESTS);
        this.status = status;
        this.messages = messages;
    }

    LogBuffer buffer() {
        return buffer;
    }

    /** @param control the control register */
    synchronized void configure(long control) {
        interrupts = ControlRegister.GAINTEN.isSet(control);
        buffer.enable(ControlRegister.IOMMUEN.isSet(control) && ControlRegister.GALOGEN.isSet(control));
    }

    /** Logs an interrupt of a device. @param tag of the virtual processor */
    synchronized void log(int deviceId, long tag) {
        long record = GuestLogRecord.CODE.set(GuestLogRecord.GATAG.set(0, tag), GuestLogRecord.GUEST_NR);
        switch (buffer.append(GuestLogRecord.DEVICEID.set(record, deviceId), 0)) {
            case WRITTEN -> {
                if (tailAddress != 0 && memory.contains(tailAddress, Long.BYTES)) {
                    memory.set64Release(tailAddress, buffer.tail());
                }
                interrupt();
            }
            case OVERFLOW -> interrupt();
            default -> { }
        }
    }

    private void interrupt() {
        if (interrupts && status.raise(INTERRUPT)) {
            messages.sendGuest();
        }
    }

    long tailAddress() {
        return tailAddress;
    }

    Writer tailAddressWriter() {
        return (value, mask) -> tailAddress = (tailAddress & ~mask | value) & TAIL_ADDRESS_BITS;
    }
}
