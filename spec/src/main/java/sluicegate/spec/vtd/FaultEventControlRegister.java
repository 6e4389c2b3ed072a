package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Fault Event Control Register, {@code FECTL_REG}: holds back or lets through the event interrupt.
 *
 * <pre>
 *   31   30   29 0
 * +----+----+------+
 * | IM | IP |  0   |
 * +----+----+------+
 * </pre>
 */
public final class FaultEventControlRegister {

    private static final String SECTION = "11.4.7.2";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x38;

    /** Bit 31: interrupt mask: hold the interrupt back. */
    public static final Field IM = Field.bit("IM", 31, SECTION, "interrupt mask: hold the interrupt back");
    /** Bit 30: interrupt pending: it was held back. */
    public static final Field IP = Field.bit("IP", 30, SECTION, "interrupt pending: it was held back");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("FECTL_REG", SECTION, 32,
            IM, IP, Field.reserved(29, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private FaultEventControlRegister() {
    }
}
