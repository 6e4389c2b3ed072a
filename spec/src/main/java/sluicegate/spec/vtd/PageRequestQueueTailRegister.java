package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Page Request Queue Tail Register, {@code PQT_REG}: the place where hardware writes the next request.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19   18 5   4 0
 * +-------+------+-----+
 * |   0   | PQT  |  0  |
 * +-------+------+-----+
 * </pre>
 */
public final class PageRequestQueueTailRegister {

    private static final String SECTION = "11.4.11";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xC8;

    /** Bits 18:5: queue tail, a byte offset into the queue. */
    public static final Field PQT = Field.address("PQT", 18, 5, SECTION, "queue tail, a byte offset into the queue");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PQT_REG", SECTION, 64,
            Field.reserved(63, 19, SECTION), PQT, Field.reserved(4, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PageRequestQueueTailRegister() {
    }
}
