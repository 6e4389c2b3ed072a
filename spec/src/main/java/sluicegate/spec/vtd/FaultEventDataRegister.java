package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Fault Event Data Register, {@code FEDATA_REG}: what the event interrupt writes.
 *
 * <pre>
 *   31 16   15 0
 * +-------+------+
 * |   0   | IMD  |
 * +-------+------+
 * </pre>
 */
public final class FaultEventDataRegister {

    private static final String SECTION = "11.4.7.3";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x3C;

    /** Bits 15:0: interrupt message data. */
    public static final Field IMD = Field.bits("IMD", 15, 0, SECTION, "interrupt message data");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("FEDATA_REG", SECTION, 32,
            Field.reserved(31, 16, SECTION), IMD);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private FaultEventDataRegister() {
    }
}
