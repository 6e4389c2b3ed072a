package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * PPR Log Head Pointer Register: the page request that software reads next.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19        18 4       3 0
 * +-------+---------------+-----+
 * |   0   | PPRLOGHEADPTR |  0  |
 * +-------+---------------+-----+
 * </pre>
 */
public final class PprLogHeadRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2030;

    /** Bits 18:4: byte offset of the next record to be read. */
    public static final Field PPRLOGHEADPTR = Field.address("PPRLOGHEADPTR", 18, 4, SECTION,
            "byte offset of the next record to be read");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PprLogHead", SECTION, 64,
            Field.reserved(63, 19, SECTION), PPRLOGHEADPTR, Field.reserved(3, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PprLogHeadRegister() {
    }
}
