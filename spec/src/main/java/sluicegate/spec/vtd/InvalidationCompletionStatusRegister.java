package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Invalidation Completion Status Register, {@code ICS_REG}.
 *
 * <pre>
 *   31 1    0
 * +------+-----+
 * |  0   | IWC |
 * +------+-----+
 * </pre>
 */
public final class InvalidationCompletionStatusRegister {

    private static final String SECTION = "11.4.9";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x9C;

    /** Bit 0: a wait descriptor with its interrupt flag set was completed; cleared by writing one. */
    public static final Field IWC = Field.bit("IWC", 0, SECTION,
            "a wait descriptor with its interrupt flag set was completed; cleared by writing one");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ICS_REG", SECTION, 32,
            Field.reserved(31, 1, SECTION), IWC);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private InvalidationCompletionStatusRegister() {
    }
}
