package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Page Request Queue Address Register, {@code PQA_REG}.
 *
 * <pre>
 *   63 32
 * +-------+
 * |  PQA  |
 * +-------+
 *   31 12   11 3   2 0
 * +-------+------+-----+
 * |  PQA  |  0   | PQS |
 * +-------+------+-----+
 * </pre>
 */
public final class PageRequestQueueAddressRegister {

    private static final String SECTION = "11.4.11";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xD0;

    /** Bits 63:12: page request queue base address. */
    public static final Field PQA = Field.address("PQA", 63, 12, SECTION, "page request queue base address");
    /** Bits 2:0: queue size: 2 to that power pages of 4 KiB. */
    public static final Field PQS = Field.bits("PQS", 2, 0, SECTION, "queue size: 2 to that power pages of 4 KiB");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PQA_REG", SECTION, 64,
            PQA, Field.reserved(11, 3, SECTION), PQS);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PageRequestQueueAddressRegister() {
    }
}
