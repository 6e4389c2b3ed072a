package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Page Request Event Upper Address Register, {@code PEUADDR_REG}: where the event interrupt writes, high half.
 *
 * <pre>
 *   31 0
 * +------+
 * | MUA  |
 * +------+
 * </pre>
 */
public final class PageRequestEventUpperAddressRegister {

    private static final String SECTION = "11.4.11";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xEC;

    /** Bits 31:0: message upper address. */
    public static final Field MUA = Field.bits("MUA", 31, 0, SECTION, "message upper address");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PEUADDR_REG", SECTION, 32,
            MUA);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PageRequestEventUpperAddressRegister() {
    }
}
