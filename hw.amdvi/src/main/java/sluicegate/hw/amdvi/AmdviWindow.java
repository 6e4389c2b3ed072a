package sluicegate.hw.amdvi;

import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.Patience;
import sluicegate.hw.common.UnitRegisters;
import sluicegate.spec.Field;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * The registers of one unit with the protocol of the control register (section 3.4): a part is switched on or off there, and
 * the status register tells when it follows. Every wait is bounded by {@link Patience}.
 *
 * <p>Thread-safe: changes of the control register exclude each other.
 */
final class AmdviWindow extends UnitRegisters {

    AmdviWindow(String unit, RegisterWindow registers, Patience patience) {
        super(unit, registers, patience);
    }

    /** A register of a feature that the unit may lack, 0 then. */
    long read64OrZero(int offset) {
        try {
            return read64(offset);
        } catch (IommuException e) {
            if (e.errno() == Errno.EINVAL) {
                return 0;
            }
            throw e;
        }
    }

    boolean status(Field field) {
        return field.isSet(read64(StatusRegister.OFFSET));
    }

    /** Acknowledges bits of the status register that are cleared by writing one. */
    void acknowledge(long bits) {
        write64(StatusRegister.OFFSET, bits);
    }

    boolean isOn(Field part) {
        return part.isSet(read64(ControlRegister.OFFSET));
    }

    /** Sets fields of the control register, given as bits in their places, and clears others. */
    synchronized void control(long clear, long set) {
        write64(ControlRegister.OFFSET, read64(ControlRegister.OFFSET) & ~clear | set);
    }

    /** Switches a part on and waits until the status says that it runs. */
    void start(Field part, Field running) {
        control(0, part.mask());
        await(running, true, "IommuStatus." + running.name() + " is not set");
    }

    /** Switches a log on and waits until it runs, or has run full, for which a device that faults all the time needs no longer than this. */
    void startLog(Field part, Field running, Field overflow) {
        control(0, part.mask());
        long begun = patience().begin();
        while (!status(running) && !status(overflow)) {
            patience().pause(begun, unit(), "IommuStatus." + running.name() + " is not set");
        }
    }

    /** Switches a part off and waits until it has stopped. */
    void stop(Field part, Field running) {
        control(part.mask(), 0);
        await(running, false, "IommuStatus." + running.name() + " stays set");
    }

    private void await(Field running, boolean expected, String complaint) {
        long begun = patience().begin();
        while (status(running) != expected) {
            patience().pause(begun, unit(), complaint);
        }
    }
}
