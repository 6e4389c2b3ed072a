package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Event Log B Head Pointer Register.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19       18 4       3 0
 * +-------+--------------+-----+
 * |   0   | EVENTHEADPTR |  0  |
 * +-------+--------------+-----+
 * </pre>
 */
public final class EventLogBHeadRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2070;

    /** Bits 18:4: byte offset of the next event to be read. */
    public static final Field EVENTHEADPTR = Field.address("EVENTHEADPTR", 18, 4, SECTION,
            "byte offset of the next event to be read");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("EventLogBHead", SECTION, 64,
            Field.reserved(63, 19, SECTION), EVENTHEADPTR, Field.reserved(3, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private EventLogBHeadRegister() {
    }
}
