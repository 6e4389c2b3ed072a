package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * PASID-based-IOTLB Invalidate Descriptor, {@code p_iotlb_inv_dsc}: first-stage and nested translations of one PASID.
 *
 * <p>In a queue of 128-bit descriptors it has no upper half.
 *
 * <p>The low four bits of the type are TYPE; TYPE_HI is zero for all types below 16.
 *
 * <pre>
 *   255 128
 * +---------+
 * |    0    |
 * +---------+
 *   127 96
 * +--------+
 * |  ADDR  |
 * +--------+
 *   95 76   75 71   70   69 64
 * +-------+-------+----+-------+
 * |  ADDR |   0   | IH |   AM  |
 * +-------+-------+----+-------+
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
public final class PasidIotlbInvalidateDescriptor {

    private static final String SECTION = "6.5.2.4";

    /** Bits 127:76: address of the first page. */
    public static final Field ADDR = Field.address("ADDR", 127, 76, SECTION, "address of the first page");
    /** Bit 70: invalidation hint: only leaves were changed. */
    public static final Field IH = Field.bit("IH", 70, SECTION, "invalidation hint: only leaves were changed");
    /** Bits 69:64: address mask: 2 to that power pages, naturally aligned. */
    public static final Field AM = Field.bits("AM", 69, 64, SECTION,
            "address mask: 2 to that power pages, naturally aligned");
    /** Bits 51:32: PASID. */
    public static final Field PASID = Field.bits("PASID", 51, 32, SECTION, "PASID");
    /** Bits 31:16: domain id. */
    public static final Field DID = Field.bits("DID", 31, 16, SECTION, "domain id");
    /** Bits 11:9: upper bits of the descriptor type. */
    public static final Field TYPE_HI = Field.bits("TYPE_HI", 11, 9, SECTION, "upper bits of the descriptor type");
    /** Bits 5:4: granularity. */
    public static final Field G = Field.bits("G", 5, 4, SECTION, "granularity");
    /** Bits 3:0: descriptor type, 6h. */
    public static final Field TYPE = Field.bits("TYPE", 3, 0, SECTION, "descriptor type, 6h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("p_iotlb_inv_dsc", SECTION, 256,
            Field.reserved(255, 192, SECTION), Field.reserved(191, 128, SECTION), ADDR,
            Field.reserved(75, 71, SECTION), IH, AM, Field.reserved(63, 52, SECTION), PASID, DID,
            Field.reserved(15, 12, SECTION), TYPE_HI, Field.reserved(8, 6, SECTION), G, TYPE);

    /** Size of one descriptor. */
    public static final int BYTES = 32;

    /** {@link #G}: everything of the PASID. */
    public static final int PASID_SELECTIVE = 0b10;

    /** {@link #G}: pages of the PASID. */
    public static final int PAGE = 0b11;

    private PasidIotlbInvalidateDescriptor() {
    }
}
