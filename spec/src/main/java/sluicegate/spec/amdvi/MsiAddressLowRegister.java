package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * MSI Address Low Register.
 *
 * <p>Needs {@link ExtendedFeatureRegister#MSICAPMMIOSUP}.
 *
 * <pre>
 *   31 2   1 0
 * +------+-----+
 * | ADDR |  0  |
 * +------+-----+
 * </pre>
 */
public final class MsiAddressLowRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x015C;

    /** Bits 31:2: address, lower half. */
    public static final Field ADDR = Field.address("ADDR", 31, 2, SECTION, "address, lower half");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("MsiAddrLow", SECTION, 32,
            ADDR, Field.reserved(1, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private MsiAddressLowRegister() {
    }
}
