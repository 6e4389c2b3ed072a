package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Exclusion Range Limit Register: the last page of the exclusion range.
 *
 * <pre>
 *   63 52   51 32
 * +-------+-------+
 * |   0   | LIMIT |
 * +-------+-------+
 *   31 12   11 0
 * +-------+------+
 * | LIMIT |  0   |
 * +-------+------+
 * </pre>
 */
public final class ExclusionLimitRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0028;

    /** Bits 51:12: last page of the range. */
    public static final Field LIMIT = Field.address("LIMIT", 51, 12, SECTION, "last page of the range");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ExclLimit", SECTION, 64,
            Field.reserved(63, 52, SECTION), LIMIT, Field.reserved(11, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ExclusionLimitRegister() {
    }
}
