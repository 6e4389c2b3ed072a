package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Level 1 stream table descriptor: where the entries for a range of StreamIDs are. The unit aligns L2PTR to the size of
 * the table.
 *
 * <pre>
 *   63 56   55 32
 * +-------+-------+
 * |   0   | L2PTR |
 * +-------+-------+
 *    31 6   5   4 0
 * +-------+---+------+
 * | L2PTR | 0 | SPAN |
 * +-------+---+------+
 * </pre>
 */
public final class L1StreamTableDescriptor {

    private static final String SECTION = "5.1";

    /** Bits 55:6: address of the second-level table. */
    public static final Field L2PTR = Field.address("L2PTR", 55, 6, SECTION, "address of the second-level table");
    /** Bits 4:0: 0 invalid; n for a table of 2 to the n-1 entries, n at most SPLIT + 1. */
    public static final Field SPAN = Field.bits("SPAN", 4, 0, SECTION,
            "0 invalid; n for a table of 2 to the n-1 entries, n at most SPLIT + 1");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("L1STD", SECTION, 64,
            Field.reserved(63, 56, SECTION), L2PTR, Field.reserved(5, 5, SECTION), SPAN);

    /** Size of one. */
    public static final int BYTES = 8;

    private L1StreamTableDescriptor() {
    }
}
