package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Interrupt Remapping Table Address Register, {@code IRTA_REG}.
 *
 * <p>Takes effect through {@link GlobalCommandRegister#SIRTP}.
 *
 * <pre>
 *   63 32
 * +-------+
 * |  IRTA |
 * +-------+
 *   31 12    11    10 4   3 0
 * +-------+------+------+-----+
 * |  IRTA | EIME |  0   |  S  |
 * +-------+------+------+-----+
 * </pre>
 */
public final class InterruptRemappingTableAddressRegister {

    private static final String SECTION = "11.4.10";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xB8;

    /** Bits 63:12: interrupt remapping table address. */
    public static final Field IRTA = Field.address("IRTA", 63, 12, SECTION, "interrupt remapping table address");
    /** Bit 11: extended interrupt mode enable: 32-bit APIC ids. */
    public static final Field EIME = Field.bit("EIME", 11, SECTION,
            "extended interrupt mode enable: 32-bit APIC ids");
    /** Bits 3:0: table size: 2 to the power of S + 1 entries. */
    public static final Field S = Field.bits("S", 3, 0, SECTION, "table size: 2 to the power of S + 1 entries");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IRTA_REG", SECTION, 64,
            IRTA, EIME, Field.reserved(10, 4, SECTION), S);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private InterruptRemappingTableAddressRegister() {
    }
}
