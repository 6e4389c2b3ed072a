package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Protected Low-Memory Limit Register, {@code PLMLIMIT_REG}.
 *
 * <p>How many of its low bits exist is up to the unit: those that read back zero after all ones were written do not.
 *
 * <pre>
 *   31 0
 * +------+
 * | PLML |
 * +------+
 * </pre>
 */
public final class ProtectedLowMemoryLimitRegister {

    private static final String SECTION = "11.4.8";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x6C;

    /** Bits 31:0: last address of the protected region below 4 GiB, its missing low bits taken as ones. */
    public static final Field PLML = Field.address("PLML", 31, 0, SECTION,
            "last address of the protected region below 4 GiB, its missing low bits taken as ones");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PLMLIMIT_REG", SECTION, 32,
            PLML);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ProtectedLowMemoryLimitRegister() {
    }
}
