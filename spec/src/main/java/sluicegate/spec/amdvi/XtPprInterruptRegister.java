package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * x2APIC PPR Interrupt Control Register.
 *
 * <p>In force while {@link ControlRegister#INTCAPXTEN} is set.
 *
 * <pre>
 *   63 56    55 41   40   39 32
 * +--------+-------+----+--------+
 * | DESTHI |   0   | DM | VECTOR |
 * +--------+-------+----+--------+
 *    31 8    7 3      2       1 0
 * +--------+-----+----------+-----+
 * | DESTLO |  0  | DESTMODE |  0  |
 * +--------+-----+----------+-----+
 * </pre>
 */
public final class XtPprInterruptRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0178;

    /** Bits 63:56: destination, bits 31:24. */
    public static final Field DESTHI = Field.bits("DESTHI", 63, 56, SECTION, "destination, bits 31:24");
    /** Bit 40: delivery mode. */
    public static final Field DM = Field.bit("DM", 40, SECTION, "delivery mode");
    /** Bits 39:32: vector. */
    public static final Field VECTOR = Field.bits("VECTOR", 39, 32, SECTION, "vector");
    /** Bits 31:8: destination, bits 23:0. */
    public static final Field DESTLO = Field.bits("DESTLO", 31, 8, SECTION, "destination, bits 23:0");
    /** Bit 2: destination mode: logical. */
    public static final Field DESTMODE = Field.bit("DESTMODE", 2, SECTION, "destination mode: logical");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("XtPprIntControl", SECTION, 64,
            DESTHI, Field.reserved(55, 41, SECTION), DM, VECTOR, DESTLO, Field.reserved(7, 3, SECTION),
            DESTMODE, Field.reserved(1, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private XtPprInterruptRegister() {
    }
}
