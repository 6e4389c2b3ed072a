package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * PPR Log B Tail Pointer Register.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19        18 4       3 0
 * +-------+---------------+-----+
 * |   0   | PPRLOGTAILPTR |  0  |
 * +-------+---------------+-----+
 * </pre>
 */
public final class PprLogBTailRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2058;

    /** Bits 18:4: byte offset after the last record. */
    public static final Field PPRLOGTAILPTR = Field.address("PPRLOGTAILPTR", 18, 4, SECTION,
            "byte offset after the last record");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PprLogBTail", SECTION, 64,
            Field.reserved(63, 19, SECTION), PPRLOGTAILPTR, Field.reserved(3, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PprLogBTailRegister() {
    }
}
