package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * IOTLB Invalidate Descriptor, {@code iotlb_inv_dsc}.
 *
 * <p>The low four bits of the type are TYPE; TYPE_HI is zero for all types below 16.
 *
 * <pre>
 *   127 96
 * +--------+
 * |  ADDR  |
 * +--------+
 *   95 76   75 71   70   69 64
 * +-------+-------+----+-------+
 * |  ADDR |   0   | IH |   AM  |
 * +-------+-------+----+-------+
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 16   15 12   11    9   8   7    6    5 4   3  0
 * +-------+-------+---------+---+----+----+-----+------+
 * |  DID  |   0   | TYPE_HI | 0 | DR | DW |  G  | TYPE |
 * +-------+-------+---------+---+----+----+-----+------+
 * </pre>
 */
public final class IotlbInvalidateDescriptor {

    private static final String SECTION = "6.5.2.3";

    /** Bits 127:76: address of the first page. */
    public static final Field ADDR = Field.address("ADDR", 127, 76, SECTION, "address of the first page");
    /** Bit 70: invalidation hint: only leaves were changed. */
    public static final Field IH = Field.bit("IH", 70, SECTION, "invalidation hint: only leaves were changed");
    /** Bits 69:64: address mask: 2 to that power pages, naturally aligned. */
    public static final Field AM = Field.bits("AM", 69, 64, SECTION,
            "address mask: 2 to that power pages, naturally aligned");
    /** Bits 31:16: domain id. */
    public static final Field DID = Field.bits("DID", 31, 16, SECTION, "domain id");
    /** Bits 11:9: upper bits of the descriptor type. */
    public static final Field TYPE_HI = Field.bits("TYPE_HI", 11, 9, SECTION, "upper bits of the descriptor type");
    /** Bit 7: drain reads. */
    public static final Field DR = Field.bit("DR", 7, SECTION, "drain reads");
    /** Bit 6: drain writes. */
    public static final Field DW = Field.bit("DW", 6, SECTION, "drain writes");
    /** Bits 5:4: granularity. */
    public static final Field G = Field.bits("G", 5, 4, SECTION, "granularity");
    /** Bits 3:0: descriptor type, 2h. */
    public static final Field TYPE = Field.bits("TYPE", 3, 0, SECTION, "descriptor type, 2h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("iotlb_inv_dsc", SECTION, 128,
            ADDR, Field.reserved(75, 71, SECTION), IH, AM, Field.reserved(63, 32, SECTION), DID,
            Field.reserved(15, 12, SECTION), TYPE_HI, Field.reserved(8, 8, SECTION), DR, DW, G, TYPE);

    /** Size of one descriptor. */
    public static final int BYTES = 16;

    /** {@link #G}: everything. */
    public static final int GLOBAL = 0b01;

    /** {@link #G}: one domain. */
    public static final int DOMAIN = 0b10;

    /** {@link #G}: pages of one domain. */
    public static final int PAGE = 0b11;

    private IotlbInvalidateDescriptor() {
    }
}
