package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Invalidation Queue Tail Register, {@code IQT_REG}: the place where software writes its next descriptor.
 *
 * <p>With descriptors of 256 bits, bit 4 must be zero as well.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19   18 4   3 0
 * +-------+------+-----+
 * |   0   |  QT  |  0  |
 * +-------+------+-----+
 * </pre>
 */
public final class InvalidationQueueTailRegister {

    private static final String SECTION = "11.4.9";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x88;

    /** Bits 18:4: queue tail, a byte offset into the queue. */
    public static final Field QT = Field.address("QT", 18, 4, SECTION, "queue tail, a byte offset into the queue");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IQT_REG", SECTION, 64,
            Field.reserved(63, 19, SECTION), QT, Field.reserved(3, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private InvalidationQueueTailRegister() {
    }
}
