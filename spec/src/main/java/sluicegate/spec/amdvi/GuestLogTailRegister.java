package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Guest Log Tail Pointer Register.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19       18 3       2 0
 * +-------+--------------+-----+
 * |   0   | GALOGTAILPTR |  0  |
 * +-------+--------------+-----+
 * </pre>
 */
public final class GuestLogTailRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2048;

    /** Bits 18:3: byte offset after the last record. */
    public static final Field GALOGTAILPTR = Field.address("GALOGTAILPTR", 18, 3, SECTION,
            "byte offset after the last record");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("GaLogTail", SECTION, 64,
            Field.reserved(63, 19, SECTION), GALOGTAILPTR, Field.reserved(2, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private GuestLogTailRegister() {
    }
}
