package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Page Request Event Data Register, {@code PEDATA_REG}: what the event interrupt writes.
 *
 * <pre>
 *   31 16   15 0
 * +-------+------+
 * |   0   | IMD  |
 * +-------+------+
 * </pre>
 */
public final class PageRequestEventDataRegister {

    private static final String SECTION = "11.4.11";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xE4;

    /** Bits 15:0: interrupt message data. */
    public static final Field IMD = Field.bits("IMD", 15, 0, SECTION, "interrupt message data");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PEDATA_REG", SECTION, 32,
            Field.reserved(31, 16, SECTION), IMD);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PageRequestEventDataRegister() {
    }
}
