package sluicegate.hw.smmuv3;

import sluicegate.api.platform.RegisterWindow;
import sluicegate.hw.common.Patience;
import sluicegate.hw.common.UnitRegisters;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.Cr0AckRegister;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.GbpaRegister;
import sluicegate.spec.smmuv3.IrqCtrlAckRegister;
import sluicegate.spec.smmuv3.IrqCtrlRegister;

/**
 * The registers of one unit with the protocols of those that have one: SMMU_CR0 and SMMU_IRQ_CTRL are acknowledged (6.3.10,
 * 6.3.17), SMMU_GBPA is updated (6.3.14). Every wait is bounded by {@link Patience}.
 *
 * <p>Thread-safe: changes of SMMU_CR0 exclude each other.
 */
final class Smmuv3Window extends UnitRegisters {

    Smmuv3Window(String unit, RegisterWindow registers, Patience patience) {
        super(unit, registers, patience);
    }

    /** Whether a part of the unit is switched on: one of the fields of SMMU_CR0. */
    boolean isOn(Field part) {
        return part.isSet(read32(Cr0Register.OFFSET));
    }

    /** Switches a part of the unit on. */
    synchronized void switchOn(Field part) {
        control((int) (read32(Cr0Register.OFFSET) | part.mask()));
    }

    /** Switches a part of the unit off. */
    synchronized void switchOff(Field part) {
        control((int) part.clear(read32(Cr0Register.OFFSET)));
    }

    /** Leaves of all that SMMU_CR0 switches only these parts on. */
    synchronized void switchOffAllBut(long parts) {
        control((int) (read32(Cr0Register.OFFSET) & parts));
    }

    private void control(int value) {
        write32(Cr0Register.OFFSET, value);
        await(Cr0AckRegister.OFFSET, -1, value, "SMMU_CR0ACK does not follow SMMU_CR0");
    }

    /** Switches interrupts on: fields of SMMU_IRQ_CTRL, or 0. */
    synchronized void interrupts(long enabled) {
        write32(IrqCtrlRegister.OFFSET, (int) enabled);
        await(IrqCtrlAckRegister.OFFSET, -1, (int) enabled, "SMMU_IRQ_CTRLACK does not follow SMMU_IRQ_CTRL");
    }

    /**
     * Waits until some bits of a register have a value.
     *
     * @throws sluicegate.api.types.IommuException ETIMEDOUT with the complaint
     */
    void await(int offset, int bits, int value, String complaint) {
        long begun = patience().begin();
        while ((read32(offset) & bits) != value) {
            patience().pause(begun, unit(), complaint);
        }
    }

    /**
     * Makes requests abort while translation is off ({@code arm_smmu_update_gbpa}). A unit that lacks the register ignores this:
     * requests then pass while translation is off.
     */
    synchronized void abortWhileOff() {
        awaitUpdated();
        long value = Integer.toUnsignedLong(read32(GbpaRegister.OFFSET));
        write32(GbpaRegister.OFFSET, (int) (value | GbpaRegister.ABORT.mask() | GbpaRegister.UPDATE.mask()));
        awaitUpdated();
    }

    /** Whether that has been heard. */
    boolean abortsWhileOff() {
        return GbpaRegister.ABORT.isSet(read32(GbpaRegister.OFFSET));
    }

    private void awaitUpdated() {
        long begun = patience().begin();
        while (GbpaRegister.UPDATE.isSet(read32(GbpaRegister.OFFSET))) {
            patience().pause(begun, unit(), "SMMU_GBPA.UPDATE stays set");
        }
    }
}
