package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Protected Low-Memory Base Register, {@code PLMBASE_REG}.
 *
 * <p>How many of its low bits exist is up to the unit: those that read back zero after all ones were written do not.
 *
 * <pre>
 *   31 0
 * +------+
 * | PLMB |
 * +------+
 * </pre>
 */
public final class ProtectedLowMemoryBaseRegister {

    private static final String SECTION = "11.4.8";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x68;

    /** Bits 31:0: first address of the protected region below 4 GiB. */
    public static final Field PLMB = Field.address("PLMB", 31, 0, SECTION,
            "first address of the protected region below 4 GiB");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PLMBASE_REG", SECTION, 32,
            PLMB);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ProtectedLowMemoryBaseRegister() {
    }
}
