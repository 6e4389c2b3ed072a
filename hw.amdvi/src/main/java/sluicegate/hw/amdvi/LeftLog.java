package sluicegate.hw.amdvi;

import java.util.Optional;
import java.util.function.LongPredicate;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.IommuException;
import sluicegate.spec.amdvi.EventLogBaseRegister;

/**
 * A log of an earlier driver, which the unit went on writing after that had left: what happened while there was no driver, as
 * much as its ring has room for. Where it is, registers tell, because nobody is left to ask; they may tell anything.
 */
final class LeftLog {
    private static final int RECORD = 16;

    private final IommuUnit unit;
    private final AmdviWindow window;
    private final LogRing.Layout layout;
    private final long base;
    private final long bytes;

    private LeftLog(IommuUnit unit, AmdviWindow window, LogRing.Layout layout) {
        this.unit = unit;
        this.window = window;
        this.layout = layout;
        long register = window.read64(layout.baseRegister());
        // All logs have their address where the event log has it.
        this.base = EventLogBaseRegister.EVENTBASE.inPlace(register);
        this.bytes = (long) RECORD << layout.length().get(register);
    }

    /** The log that the unit writes now, if it does. Changes nothing. */
    static Optional<LeftLog> of(IommuUnit unit, AmdviWindow window, LogRing.Layout layout) {
        return window.isOn(layout.enable()) ? Optional.of(new LeftLog(unit, window, layout)) : Optional.empty();
    }

    /**
     * Stops the log and hands over what is in it, the oldest first. All that is there is written by then, so an empty record is
     * none.
     *
     * @return whether records were lost because it was full
     * @throws IommuException ETIMEDOUT if the log does not stop
     */
    boolean read(LogRing.Reader reader) {
        window.stop(layout.enable(), layout.running());
        if (unit.memory().contains(base, bytes)) {
            long mask = bytes - RECORD;
            long tail = window.read64(layout.tail()) & mask;
            for (long at = window.read64(layout.head()) & mask; at != tail; at = at + RECORD & mask) {
                long low = unit.memory().get64Acquire(base + at);
                if ((low & LogRing.TYPE) != 0 && !reader.take(low, unit.memory().get64(base + at + Long.BYTES))) {
                    break;
                }
            }
        }
        return window.status(layout.overflow());
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
