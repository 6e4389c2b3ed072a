package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * PASID-cache Invalidate Descriptor, {@code pc_inv_dsc}.
 *
 * <p>In a queue of 128-bit descriptors it has no upper half.
 *
 * <p>The low four bits of the type are TYPE; TYPE_HI is zero for all types below 16.
 *
 * <pre>
 *   255 64
 * +--------+
 * |   0    |
 * +--------+
 *   63 52   51 32
 * +-------+-------+
 * |   0   | PASID |
 * +-------+-------+
 *   31 16   15 12     11 9    8 6   5 4   3 0
 * +-------+-------+---------+-----+-----+------+
 * |  DID  |   0   | TYPE_HI |  0  |  G  | TYPE |
 * +-------+-------+---------+-----+-----+------+
 * </pre>
 */
public final class PasidCacheInvalidateDescriptor {

    private static final String SECTION = "6.5.2.2";

    /** Bits 51:32: PASID. */
    public static final Field PASID = Field.bits("PASID", 51, 32, SECTION, "PASID");
    /** Bits 31:16: domain id. */
    public static final Field DID = Field.bits("DID", 31, 16, SECTION, "domain id");
    /** Bits 11:9: upper bits of the descriptor type. */
    public static final Field TYPE_HI = Field.bits("TYPE_HI", 11, 9, SECTION, "upper bits of the descriptor type");
    /** Bits 5:4: granularity. */
    public static final Field G = Field.bits("G", 5, 4, SECTION, "granularity");
    /** Bits 3:0: descriptor type, 7h. */
    public static final Field TYPE = Field.bits("TYPE", 3, 0, SECTION, "descriptor type, 7h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("pc_inv_dsc", SECTION, 256,
            Field.reserved(255, 192, SECTION), Field.reserved(191, 128, SECTION),
            Field.reserved(127, 64, SECTION), Field.reserved(63, 52, SECTION), PASID, DID,
            Field.reserved(15, 12, SECTION), TYPE_HI, Field.reserved(8, 6, SECTION), G, TYPE);

    /** Size of one descriptor. */
    public static final int BYTES = 32;

    /** {@link #G}: all PASIDs of one domain. */
    public static final int DOMAIN = 0b00;

    /** {@link #G}: one PASID of one domain. */
    public static final int PASID_SELECTIVE = 0b01;

    /** {@link #G}: everything. */
    public static final int GLOBAL = 0b11;

    private PasidCacheInvalidateDescriptor() {
    }
}
