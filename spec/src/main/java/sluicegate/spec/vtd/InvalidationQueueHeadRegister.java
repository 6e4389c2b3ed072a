package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Invalidation Queue Head Register, {@code IQH_REG}: the descriptor that hardware fetches next.
 *
 * <p>With descriptors of 256 bits, bit 4 is zero as well.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19   18 4   3 0
 * +-------+------+-----+
 * |   0   |  QH  |  0  |
 * +-------+------+-----+
 * </pre>
 */
public final class InvalidationQueueHeadRegister {

    private static final String SECTION = "11.4.9";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x80;

    /** Bits 18:4: queue head, a byte offset into the queue. */
    public static final Field QH = Field.address("QH", 18, 4, SECTION, "queue head, a byte offset into the queue");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IQH_REG", SECTION, 64,
            Field.reserved(63, 19, SECTION), QH, Field.reserved(3, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private InvalidationQueueHeadRegister() {
    }
}
