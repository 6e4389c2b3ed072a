package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Protected High-Memory Limit Register, {@code PHMLIMIT_REG}.
 *
 * <p>How many of its low bits exist is up to the unit: those that read back zero after all ones were written do not.
 *
 * <pre>
 *   63 32
 * +-------+
 * |  PHML |
 * +-------+
 *   31 0
 * +------+
 * | PHML |
 * +------+
 * </pre>
 */
public final class ProtectedHighMemoryLimitRegister {

    private static final String SECTION = "11.4.8";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x78;

    /**
     * Bits 63:0: last address of the protected region that may lie above 4 GiB, its missing low bits taken as
     * ones.
     */
    public static final Field PHML = Field.address("PHML", 63, 0, SECTION,
            "last address of the protected region that may lie above 4 GiB, its missing low bits taken as ones");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PHMLIMIT_REG", SECTION, 64,
            PHML);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ProtectedHighMemoryLimitRegister() {
    }
}
