package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * PPR Log B Base Address Register.
 *
 * <p>Its length is 2 to the power of the length field; codes below 1000b (256 entries) are reserved.
 *
 * <pre>
 *   63 60     59 56     55 52     51 32
 * +-------+-----------+-------+------------+
 * |   0   | PPRLOGLEN |   0   | PPRLOGBASE |
 * +-------+-----------+-------+------------+
 *     31 12      11 0
 * +------------+------+
 * | PPRLOGBASE |  0   |
 * +------------+------+
 * </pre>
 */
public final class PprLogBBaseRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x00F0;

    /** Bits 59:56: 2 to that power entries. */
    public static final Field PPRLOGLEN = Field.bits("PPRLOGLEN", 59, 56, SECTION, "2 to that power entries");
    /** Bits 51:12: the second PPR log. */
    public static final Field PPRLOGBASE = Field.address("PPRLOGBASE", 51, 12, SECTION, "the second PPR log");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PprLogBBase", SECTION, 64,
            Field.reserved(63, 60, SECTION), PPRLOGLEN, Field.reserved(55, 52, SECTION), PPRLOGBASE,
            Field.reserved(11, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** The smallest length code: 256 entries. */
    public static final int MIN_LENGTH = 8;

    private PprLogBBaseRegister() {
    }

    /** How many entries there are, from the register; below 256 if the code is a reserved one. */
    public static int entries(long register) {
        return 1 << (int) PPRLOGLEN.get(register);
    }
}
