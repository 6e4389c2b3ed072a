package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Advanced Fault Log Register, {@code AFLOG_REG}: where the fault log in memory is.
 *
 * <pre>
 *   63 32
 * +-------+
 * |  FLA  |
 * +-------+
 *   31 12   11 9   8 0
 * +-------+------+-----+
 * |  FLA  | FLS  |  0  |
 * +-------+------+-----+
 * </pre>
 */
public final class AdvancedFaultLogRegister {

    private static final String SECTION = "11.4.7.7";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x58;

    /** Bits 63:12: fault log address. */
    public static final Field FLA = Field.address("FLA", 63, 12, SECTION, "fault log address");
    /** Bits 11:9: fault log size: 2 to that power pages of 4 KiB. */
    public static final Field FLS = Field.bits("FLS", 11, 9, SECTION,
            "fault log size: 2 to that power pages of 4 KiB");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("AFLOG_REG", SECTION, 64,
            FLA, FLS, Field.reserved(8, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private AdvancedFaultLogRegister() {
    }
}
