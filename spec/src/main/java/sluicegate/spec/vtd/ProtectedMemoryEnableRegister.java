package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Protected Memory Enable Register, {@code PMEN_REG}.
 *
 * <pre>
 *    31   30 1    0
 * +-----+------+-----+
 * | EPM |  0   | PRS |
 * +-----+------+-----+
 * </pre>
 */
public final class ProtectedMemoryEnableRegister {

    private static final String SECTION = "11.4.8";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x64;

    /** Bit 31: enable protected memory. */
    public static final Field EPM = Field.bit("EPM", 31, SECTION, "enable protected memory");
    /** Bit 0: protected regions are in force. */
    public static final Field PRS = Field.bit("PRS", 0, SECTION, "protected regions are in force");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PMEN_REG", SECTION, 32,
            EPM, Field.reserved(30, 1, SECTION), PRS);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ProtectedMemoryEnableRegister() {
    }
}
