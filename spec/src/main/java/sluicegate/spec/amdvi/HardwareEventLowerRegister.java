package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Hardware Event Lower Register: the second word of an event that could not be logged.
 *
 * <p>Needs {@link ExtendedFeatureRegister#HESUP}.
 *
 * <pre>
 *    63 32
 * +---------+
 * | OPERAND |
 * +---------+
 *     31 0
 * +---------+
 * | OPERAND |
 * +---------+
 * </pre>
 */
public final class HardwareEventLowerRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0048;

    /** Bits 63:0: second word of the event. */
    public static final Field OPERAND = Field.bits("OPERAND", 63, 0, SECTION, "second word of the event");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("HwEventLo", SECTION, 64,
            OPERAND);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private HardwareEventLowerRegister() {
    }
}
