package sluicegate.hw.vtd;

import sluicegate.api.platform.RegisterWindow;
import sluicegate.hw.common.Patience;
import sluicegate.hw.common.UnitRegisters;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * The registers of one unit with the protocol of the global command register (section 11.4.4): one bit at a time, the
 * others as the status shows them, then wait until the status follows. Every wait is bounded by {@link Patience}.
 *
 * <p>Thread-safe: commands exclude each other.
 */
final class VtdWindow extends UnitRegisters {

    VtdWindow(String unit, RegisterWindow registers, Patience patience) {
        super(unit, registers, patience);
    }

    boolean status(Field field) {
        return field.isSet(read32(GlobalStatusRegister.OFFSET));
    }

    /** Switches a lasting function on or off: TE or QIE. */
    void command(Field command, Field status, boolean on) {
        issue(command, on, status, on, "GSTS_REG." + status.name() + (on ? " is not set" : " stays set"));
    }

    /**
     * Makes the hardware use other tables (SRTP). Its caches are as they were.
     *
     * @param root address of the root table
     * @param mode as {@link RootTableAddressRegister#TTM} has it; {@link RootSwitch} says when it may change
     */
    void setRootTable(long root, int mode) {
        write64(RootTableAddressRegister.OFFSET,
                RootTableAddressRegister.TTM.set(RootTableAddressRegister.RTA.setInPlace(0, root), mode));
        issue(GlobalCommandRegister.SRTP, true, GlobalStatusRegister.RTPS, true, "GSTS_REG.RTPS is not set");
    }

    /** Makes earlier writes to tables visible to hardware that needs to be told so (CAP.RWBF). */
    void flushWriteBuffer() {
        issue(GlobalCommandRegister.WBF, true, GlobalStatusRegister.WBFS, false, "GSTS_REG.WBFS stays set");
    }

    private synchronized void issue(Field command, boolean on, Field status, boolean expected, String complaint) {
        int now = read32(GlobalStatusRegister.OFFSET);
        write32(GlobalCommandRegister.OFFSET, GlobalCommandRegister.command(now, command, on));
        long begun = patience().begin();
        while (status.isSet(read32(GlobalStatusRegister.OFFSET)) != expected) {
            patience().pause(begun, unit(), complaint);
        }
    }
}
