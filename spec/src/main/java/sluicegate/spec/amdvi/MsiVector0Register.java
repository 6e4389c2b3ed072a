package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * MSI Vector Register 0: which message each interrupt uses.
 *
 * <pre>
 *     31 27     26 5    4 0
 * +-----------+------+--------+
 * | MSINUMPPR |  0   | MSINUM |
 * +-----------+------+--------+
 * </pre>
 */
public final class MsiVector0Register {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0150;

    /** Bits 31:27: message of the PPR log. */
    public static final Field MSINUMPPR = Field.bits("MSINUMPPR", 31, 27, SECTION, "message of the PPR log");
    /** Bits 4:0: message of the event log and of COMPLETION_WAIT. */
    public static final Field MSINUM = Field.bits("MSINUM", 4, 0, SECTION,
            "message of the event log and of COMPLETION_WAIT");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("MsiVector0", SECTION, 32,
            MSINUMPPR, Field.reserved(26, 5, SECTION), MSINUM);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private MsiVector0Register() {
    }
}
