package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Version Register, {@code VER_REG}: the version of the architecture that the unit implements.
 *
 * <pre>
 *   31 8   7 4   3 0
 * +------+-----+-----+
 * |  0   | MAX | MIN |
 * +------+-----+-----+
 * </pre>
 */
public final class VersionRegister {

    private static final String SECTION = "11.4.1";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x00;

    /** Bits 7:4: major version number. */
    public static final Field MAX = Field.bits("MAX", 7, 4, SECTION, "major version number");
    /** Bits 3:0: minor version number. */
    public static final Field MIN = Field.bits("MIN", 3, 0, SECTION, "minor version number");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("VER_REG", SECTION, 32,
            Field.reserved(31, 8, SECTION), MAX, MIN);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private VersionRegister() {
    }
}
