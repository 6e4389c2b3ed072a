package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Event Log B Tail Pointer Register.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19       18 4       3 0
 * +-------+--------------+-----+
 * |   0   | EVENTTAILPTR |  0  |
 * +-------+--------------+-----+
 * </pre>
 */
public final class EventLogBTailRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2078;

    /** Bits 18:4: byte offset after the last event. */
    public static final Field EVENTTAILPTR = Field.address("EVENTTAILPTR", 18, 4, SECTION,
            "byte offset after the last event");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("EventLogBTail", SECTION, 64,
            Field.reserved(63, 19, SECTION), EVENTTAILPTR, Field.reserved(3, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private EventLogBTailRegister() {
    }
}
