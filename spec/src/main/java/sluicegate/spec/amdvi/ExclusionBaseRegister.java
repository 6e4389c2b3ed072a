package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Exclusion Base Register: the first page of the exclusion range, whose addresses are not translated.
 *
 * <pre>
 *   63 52   51 32
 * +-------+-------+
 * |   0   |  BASE |
 * +-------+-------+
 *   31 12   11 2     1      0
 * +-------+------+-------+------+
 * |  BASE |  0   | ALLOW | EXEN |
 * +-------+------+-------+------+
 * </pre>
 */
public final class ExclusionBaseRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0020;

    /** Bits 51:12: first page of the range. */
    public static final Field BASE = Field.address("BASE", 51, 12, SECTION, "first page of the range");
    /** Bit 1: all devices may use the range; otherwise those with DTE.EX. */
    public static final Field ALLOW = Field.bit("ALLOW", 1, SECTION,
            "all devices may use the range; otherwise those with DTE.EX");
    /** Bit 0: the range is enabled. */
    public static final Field EXEN = Field.bit("EXEN", 0, SECTION, "the range is enabled");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ExclBase", SECTION, 64,
            Field.reserved(63, 52, SECTION), BASE, Field.reserved(11, 2, SECTION), ALLOW, EXEN);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ExclusionBaseRegister() {
    }
}
