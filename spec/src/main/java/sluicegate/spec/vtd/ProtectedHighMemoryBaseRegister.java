package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Protected High-Memory Base Register, {@code PHMBASE_REG}.
 *
 * <p>How many of its low bits exist is up to the unit: those that read back zero after all ones were written do not.
 *
 * <pre>
 *   63 32
 * +-------+
 * |  PHMB |
 * +-------+
 *   31 0
 * +------+
 * | PHMB |
 * +------+
 * </pre>
 */
public final class ProtectedHighMemoryBaseRegister {

    private static final String SECTION = "11.4.8";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x70;

    /** Bits 63:0: first address of the protected region that may lie above 4 GiB. */
    public static final Field PHMB = Field.address("PHMB", 63, 0, SECTION,
            "first address of the protected region that may lie above 4 GiB");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PHMBASE_REG", SECTION, 64,
            PHMB);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ProtectedHighMemoryBaseRegister() {
    }
}
