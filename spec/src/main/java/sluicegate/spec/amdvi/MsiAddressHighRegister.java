package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * MSI Address High Register.
 *
 * <p>Needs {@link ExtendedFeatureRegister#MSICAPMMIOSUP}.
 *
 * <pre>
 *   31 0
 * +------+
 * | ADDR |
 * +------+
 * </pre>
 */
public final class MsiAddressHighRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0160;

    /** Bits 31:0: address, upper half. */
    public static final Field ADDR = Field.bits("ADDR", 31, 0, SECTION, "address, upper half");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("MsiAddrHigh", SECTION, 32,
            ADDR);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private MsiAddressHighRegister() {
    }
}
