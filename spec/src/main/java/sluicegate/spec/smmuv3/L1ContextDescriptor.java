package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Level 1 context descriptor: where the descriptors for a range of SubstreamIDs are.
 *
 * <pre>
 *   63 56   55 32
 * +-------+-------+
 * |   0   | L2PTR |
 * +-------+-------+
 *   31 12   11 1   0
 * +-------+------+---+
 * | L2PTR |  0   | V |
 * +-------+------+---+
 * </pre>
 */
public final class L1ContextDescriptor {

    private static final String SECTION = "5.3";

    /** Bits 55:12: address of the second-level table (an IPA with stage 2). */
    public static final Field L2PTR = Field.address("L2PTR", 55, 12, SECTION,
            "address of the second-level table (an IPA with stage 2)");
    /** Bit 0: valid. */
    public static final Field V = Field.bit("V", 0, SECTION, "valid");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("L1CD", SECTION, 64,
            Field.reserved(63, 56, SECTION), L2PTR, Field.reserved(11, 1, SECTION), V);

    /** Size of one. */
    public static final int BYTES = 8;

    private L1ContextDescriptor() {
    }
}
