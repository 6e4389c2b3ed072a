package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Page Request Queue Head Register, {@code PQH_REG}: the request that software takes next.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19   18 5   4 0
 * +-------+------+-----+
 * |   0   | PQH  |  0  |
 * +-------+------+-----+
 * </pre>
 */
public final class PageRequestQueueHeadRegister {

    private static final String SECTION = "11.4.11";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xC0;

    /** Bits 18:5: queue head, a byte offset into the queue. */
    public static final Field PQH = Field.address("PQH", 18, 5, SECTION, "queue head, a byte offset into the queue");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PQH_REG", SECTION, 64,
            Field.reserved(63, 19, SECTION), PQH, Field.reserved(4, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PageRequestQueueHeadRegister() {
    }
}
