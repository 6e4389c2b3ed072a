package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Page Request Status Register, {@code PRS_REG}. Both bits are cleared by writing one.
 *
 * <pre>
 *   31 2    1     0
 * +------+-----+-----+
 * |  0   | PRO | PPR |
 * +------+-----+-----+
 * </pre>
 */
public final class PageRequestStatusRegister {

    private static final String SECTION = "11.4.11";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xDC;

    /** Bit 1: page request overflow. */
    public static final Field PRO = Field.bit("PRO", 1, SECTION, "page request overflow");
    /** Bit 0: pending page request. */
    public static final Field PPR = Field.bit("PPR", 0, SECTION, "pending page request");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PRS_REG", SECTION, 32,
            Field.reserved(31, 2, SECTION), PRO, PPR);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PageRequestStatusRegister() {
    }
}
