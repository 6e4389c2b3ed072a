package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Guest Virtual APIC Log Base Address Register.
 *
 * <p>Its length is 2 to the power of the length field; codes below 1000b (256 entries) are reserved.
 *
 * <pre>
 *   63 60   59 56   55 52   51 32
 * +-------+-------+-------+--------+
 * |   0   | GALEN |   0   | GABASE |
 * +-------+-------+-------+--------+
 *   31 12    11 0
 * +--------+------+
 * | GABASE |  0   |
 * +--------+------+
 * </pre>
 */
public final class GuestLogBaseRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x00E0;

    /** Bits 59:56: 2 to that power entries. */
    public static final Field GALEN = Field.bits("GALEN", 59, 56, SECTION, "2 to that power entries");
    /** Bits 51:12: the guest log. */
    public static final Field GABASE = Field.address("GABASE", 51, 12, SECTION, "the guest log");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("GaLogBase", SECTION, 64,
            Field.reserved(63, 60, SECTION), GALEN, Field.reserved(55, 52, SECTION), GABASE,
            Field.reserved(11, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** The smallest length code: 256 entries. */
    public static final int MIN_LENGTH = 8;

    private GuestLogBaseRegister() {
    }

    /** How many entries there are, from the register; below 256 if the code is a reserved one. */
    public static int entries(long register) {
        return 1 << (int) GALEN.get(register);
    }
}
