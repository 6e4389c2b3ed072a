package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Event Log Base Address Register.
 *
 * <p>Its length is 2 to the power of the length field; codes below 1000b (256 entries) are reserved.
 *
 * <pre>
 *   63 60    59 56     55 52     51 32
 * +-------+----------+-------+-----------+
 * |   0   | EVENTLEN |   0   | EVENTBASE |
 * +-------+----------+-------+-----------+
 *     31 12     11 0
 * +-----------+------+
 * | EVENTBASE |  0   |
 * +-----------+------+
 * </pre>
 */
public final class EventLogBaseRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0010;

    /** Bits 59:56: 2 to that power entries. */
    public static final Field EVENTLEN = Field.bits("EVENTLEN", 59, 56, SECTION, "2 to that power entries");
    /** Bits 51:12: the event log. */
    public static final Field EVENTBASE = Field.address("EVENTBASE", 51, 12, SECTION, "the event log");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("EventLogBase", SECTION, 64,
            Field.reserved(63, 60, SECTION), EVENTLEN, Field.reserved(55, 52, SECTION), EVENTBASE,
            Field.reserved(11, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** The smallest length code: 256 entries. */
    public static final int MIN_LENGTH = 8;

    private EventLogBaseRegister() {
    }

    /** How many entries there are, from the register; below 256 if the code is a reserved one. */
    public static int entries(long register) {
        return 1 << (int) EVENTLEN.get(register);
    }
}
