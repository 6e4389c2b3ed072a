package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Fault Event Address Register, {@code FEADDR_REG}: where the event interrupt writes, low half.
 *
 * <pre>
 *   31 2   1 0
 * +------+-----+
 * |  MA  |  0  |
 * +------+-----+
 * </pre>
 */
public final class FaultEventAddressRegister {

    private static final String SECTION = "11.4.7.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x40;

    /** Bits 31:2: message address. */
    public static final Field MA = Field.address("MA", 31, 2, SECTION, "message address");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("FEADDR_REG", SECTION, 32,
            MA, Field.reserved(1, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private FaultEventAddressRegister() {
    }
}
