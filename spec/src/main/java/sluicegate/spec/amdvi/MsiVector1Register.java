package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * MSI Vector Register 1: which message the guest log uses.
 *
 * <pre>
 *   31 5     4 0
 * +------+----------+
 * |  0   | MSINUMGA |
 * +------+----------+
 * </pre>
 */
public final class MsiVector1Register {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0154;

    /** Bits 4:0: message of the guest log. */
    public static final Field MSINUMGA = Field.bits("MSINUMGA", 4, 0, SECTION, "message of the guest log");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("MsiVector1", SECTION, 32,
            Field.reserved(31, 5, SECTION), MSINUMGA);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private MsiVector1Register() {
    }
}
