package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Device-Specific Status Extension Register.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 28   27 24     23 0
 * +-------+-------+----------+
 * | MAJOR | MINOR | SPECIFIC |
 * +-------+-------+----------+
 * </pre>
 */
public final class DeviceSpecificStatusRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0148;

    /** Bits 31:28: major revision. */
    public static final Field MAJOR = Field.bits("MAJOR", 31, 28, SECTION, "major revision");
    /** Bits 27:24: minor revision. */
    public static final Field MINOR = Field.bits("MINOR", 27, 24, SECTION, "minor revision");
    /** Bits 23:0: implementation defined. */
    public static final Field SPECIFIC = Field.bits("SPECIFIC", 23, 0, SECTION, "implementation defined");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("Dssx", SECTION, 64,
            Field.reserved(63, 32, SECTION), MAJOR, MINOR, SPECIFIC);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private DeviceSpecificStatusRegister() {
    }
}
