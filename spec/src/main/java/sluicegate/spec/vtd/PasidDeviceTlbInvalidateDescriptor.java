package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * PASID-based Device-TLB Invalidate Descriptor, {@code p_dev_tlb_inv_dsc}.
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
 *   95 76   75   74 65   64
 * +-------+----+-------+----+
 * |  ADDR | S  |   0   | G  |
 * +-------+----+-------+----+
 *    63 52     51 32
 * +----------+-------+
 * | PFSID_HI | PASID |
 * +----------+-------+
 *   31 16    15 12       11 9    8 4   3 0
 * +-------+----------+---------+-----+------+
 * |  SID  | PFSID_LO | TYPE_HI | MIP | TYPE |
 * +-------+----------+---------+-----+------+
 * </pre>
 */
public final class PasidDeviceTlbInvalidateDescriptor {

    private static final String SECTION = "6.5.2.6";

    /** Bits 127:76: address of the first page; with S set its lowest zero bit says how many pages. */
    public static final Field ADDR = Field.address("ADDR", 127, 76, SECTION,
            "address of the first page; with S set its lowest zero bit says how many pages");
    /** Bit 75: size: 0 for one page, 1 for a range that ADDR encodes. */
    public static final Field S = Field.bit("S", 75, SECTION, "size: 0 for one page, 1 for a range that ADDR encodes");
    /** Bit 64: global: the range is invalidated whatever the PASID. */
    public static final Field G = Field.bit("G", 64, SECTION, "global: the range is invalidated whatever the PASID");
    /** Bits 63:52: physical function source id, bits 15:4. */
    public static final Field PFSID_HI = Field.bits("PFSID_HI", 63, 52, SECTION,
            "physical function source id, bits 15:4");
    /** Bits 51:32: PASID. */
    public static final Field PASID = Field.bits("PASID", 51, 32, SECTION, "PASID");
    /** Bits 31:16: source id. */
    public static final Field SID = Field.bits("SID", 31, 16, SECTION, "source id");
    /** Bits 15:12: physical function source id, bits 3:0. */
    public static final Field PFSID_LO = Field.bits("PFSID_LO", 15, 12, SECTION,
            "physical function source id, bits 3:0");
    /** Bits 11:9: upper bits of the descriptor type. */
    public static final Field TYPE_HI = Field.bits("TYPE_HI", 11, 9, SECTION, "upper bits of the descriptor type");
    /** Bits 8:4: how many invalidations the device can have pending, see the ATS capability. */
    public static final Field MIP = Field.bits("MIP", 8, 4, SECTION,
            "how many invalidations the device can have pending, see the ATS capability");
    /** Bits 3:0: descriptor type, 8h. */
    public static final Field TYPE = Field.bits("TYPE", 3, 0, SECTION, "descriptor type, 8h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("p_dev_tlb_inv_dsc", SECTION, 256,
            Field.reserved(255, 192, SECTION), Field.reserved(191, 128, SECTION), ADDR, S,
            Field.reserved(74, 65, SECTION), G, PFSID_HI, PASID, SID, PFSID_LO, TYPE_HI, MIP, TYPE);

    /** Size of one descriptor. */
    public static final int BYTES = 32;

    private PasidDeviceTlbInvalidateDescriptor() {
    }
}
