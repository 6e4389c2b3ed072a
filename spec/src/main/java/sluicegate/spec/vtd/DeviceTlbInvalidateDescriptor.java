package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device-TLB Invalidate Descriptor, {@code dev_tlb_inv_dsc}.
 *
 * <p>The low four bits of the type are TYPE; TYPE_HI is zero for all types below 16.
 *
 * <pre>
 *   127 96
 * +--------+
 * |  ADDR  |
 * +--------+
 *   95 76   75 65   64
 * +-------+-------+----+
 * |  ADDR |   0   | S  |
 * +-------+-------+----+
 *   63    52   51 48   47 32
 * +----------+-------+-------+
 * | PFSID_HI |   0   |  SID  |
 * +----------+-------+-------+
 *   31 21   20 16   15    12   11    9   8 4   3  0
 * +-------+-------+----------+---------+-----+------+
 * |   0   |  MIP  | PFSID_LO | TYPE_HI |  0  | TYPE |
 * +-------+-------+----------+---------+-----+------+
 * </pre>
 */
public final class DeviceTlbInvalidateDescriptor {

    private static final String SECTION = "6.5.2.5";

    /** Bits 127:76: address of the first page; with S set its lowest zero bit says how many pages. */
    public static final Field ADDR = Field.address("ADDR", 127, 76, SECTION,
            "address of the first page; with S set its lowest zero bit says how many pages");
    /** Bit 64: size: 0 for one page, 1 for a range that ADDR encodes. */
    public static final Field S = Field.bit("S", 64, SECTION,
            "size: 0 for one page, 1 for a range that ADDR encodes");
    /** Bits 63:52: physical function source id, bits 15:4. */
    public static final Field PFSID_HI = Field.bits("PFSID_HI", 63, 52, SECTION,
            "physical function source id, bits 15:4");
    /** Bits 47:32: source id. */
    public static final Field SID = Field.bits("SID", 47, 32, SECTION, "source id");
    /** Bits 20:16: how many invalidations the device can have pending, see the ATS capability. */
    public static final Field MIP = Field.bits("MIP", 20, 16, SECTION,
            "how many invalidations the device can have pending, see the ATS capability");
    /** Bits 15:12: physical function source id, bits 3:0. */
    public static final Field PFSID_LO = Field.bits("PFSID_LO", 15, 12, SECTION,
            "physical function source id, bits 3:0");
    /** Bits 11:9: upper bits of the descriptor type. */
    public static final Field TYPE_HI = Field.bits("TYPE_HI", 11, 9, SECTION, "upper bits of the descriptor type");
    /** Bits 3:0: descriptor type, 3h. */
    public static final Field TYPE = Field.bits("TYPE", 3, 0, SECTION, "descriptor type, 3h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("dev_tlb_inv_dsc", SECTION, 128,
            ADDR, Field.reserved(75, 65, SECTION), S, PFSID_HI, Field.reserved(51, 48, SECTION), SID,
            Field.reserved(31, 21, SECTION), MIP, PFSID_LO, TYPE_HI, Field.reserved(8, 4, SECTION), TYPE);

    /** Size of one descriptor. */
    public static final int BYTES = 16;

    private DeviceTlbInvalidateDescriptor() {
    }
}
