package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * PPR Log B Overflow Early Indicator Register.
 *
 * <p>Needs {@link ExtendedFeatureRegister#PPROVRFLWEARLYSUP}.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *          31                   30           29 15             14 0
 * +------------------+---------------------+-------+-------------------------+
 * | PPROVRFLWEARLYEN | PPROVRFLWEARLYINTEN |   0   | PPROVRFLWEARLYTHRESHOLD |
 * +------------------+---------------------+-------+-------------------------+
 * </pre>
 */
public final class PprEarlyOverflowBRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2090;

    /** Bit 31: enabled. */
    public static final Field PPROVRFLWEARLYEN = Field.bit("PPROVRFLWEARLYEN", 31, SECTION, "enabled");
    /** Bit 30: interrupt enabled. */
    public static final Field PPROVRFLWEARLYINTEN = Field.bit("PPROVRFLWEARLYINTEN", 30, SECTION, "interrupt enabled");
    /** Bits 14:0: records in the log at which to warn. */
    public static final Field PPROVRFLWEARLYTHRESHOLD = Field.bits("PPROVRFLWEARLYTHRESHOLD", 14, 0, SECTION,
            "records in the log at which to warn");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PprEarlyOverflowB", SECTION, 64,
            Field.reserved(63, 32, SECTION), PPROVRFLWEARLYEN, PPROVRFLWEARLYINTEN,
            Field.reserved(29, 15, SECTION), PPROVRFLWEARLYTHRESHOLD);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PprEarlyOverflowBRegister() {
    }
}
