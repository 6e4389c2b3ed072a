package sluicegate.hw.amdvi;

import java.util.Optional;
import java.util.function.LongPredicate;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.IommuException;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.EventLogHeadRegister;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.EventLogTailRegister;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * The event log of an earlier driver, which the unit went on writing after that had left: faults of the time without a driver, as
 * many as its ring has room for. Where it is, registers tell, because nobody is left to ask; they may tell anything.
 */
final class LeftEvents {
    private static final int RECORD = 16;

    private final IommuUnit unit;
    private final AmdviWindow window;
    private final long base;
    private final long bytes;

    private LeftEvents(IommuUnit unit, AmdviWindow window, long register) {
        this.unit = unit;
        this.window = window;
        this.base = EventLogBaseRegister.EVENTBASE.inPlace(register);
        this.bytes = (long) EventLogBaseRegister.entries(register) * RECORD;
    }

    /** The log that the unit writes now, if it does. Changes nothing. */
    static Optional<LeftEvents> of(IommuUnit unit, AmdviWindow window) {
        return window.isOn(ControlRegister.EVENTLOGEN)
                ? Optional.of(new LeftEvents(unit, window, window.read64(EventLogBaseRegister.OFFSET)))
                : Optional.empty();
    }

    /**
     * Stops the log and reports what is in it. All that is there is written by then, so an empty record is none; and who
     * submitted a command that it tells of has left.
     *
     * @throws IommuException ETIMEDOUT if the log does not stop
     */
    void report(FaultSink sink) {
        window.stop(ControlRegister.EVENTLOGEN, StatusRegister.EVENTLOGRUN);
        if (unit.memory().contains(base, bytes)) {
            long mask = bytes - RECORD;
            long tail = window.read64(EventLogTailRegister.OFFSET) & mask;
            for (long at = window.read64(EventLogHeadRegister.OFFSET) & mask; at != tail; at = at + RECORD & mask) {
                report(sink, unit.memory(), base + at);
            }
        }
        if (window.status(StatusRegister.EVENTOVERFLOW)) {
            sink.overflow();
        }
    }

    private static void report(FaultSink sink, PhysicalMemory memory, long address) {
        long low = memory.get64Acquire(address);
        if (EventLogRecord.CODE.get(low) != 0 && EventDecoder.aboutCommand(low).isEmpty()) {
            sink.fault(EventDecoder.decode(low, memory.get64(address + Long.BYTES)));
        }
    }

    /**
     * Gives the log back. The unit writes another one.
     *
     * @param inUse pages of the new driver, which are not given back whatever the registers told
     */
    void free(LongPredicate inUse) {
        if (!inUse.test(base)) {
            try {
                unit.arena().free(base, bytes);
            } catch (IommuException notOurs) {
                // Firmware's, or nobody's: it is not in the arena.
            }
        }
    }
}
