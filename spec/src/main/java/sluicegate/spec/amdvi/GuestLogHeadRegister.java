package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Guest Log Head Pointer Register.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19       18 3       2 0
 * +-------+--------------+-----+
 * |   0   | GALOGHEADPTR |  0  |
 * +-------+--------------+-----+
 * </pre>
 */
public final class GuestLogHeadRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2040;

    /** Bits 18:3: byte offset of the next record to be read. */
    public static final Field GALOGHEADPTR = Field.address("GALOGHEADPTR", 18, 3, SECTION,
            "byte offset of the next record to be read");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("GaLogHead", SECTION, 64,
            Field.reserved(63, 19, SECTION), GALOGHEADPTR, Field.reserved(2, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private GuestLogHeadRegister() {
    }
}
