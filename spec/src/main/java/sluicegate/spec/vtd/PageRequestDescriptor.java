package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Page Request Descriptor, {@code page_req_dsc}: one request of a device for a page, as the unit writes it into the
 * page request queue.
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
 *   95 76   75 67    66    65   64
 * +-------+-------+------+----+----+
 * |  ADDR |  PRGI | LPIG | WR | RD |
 * +-------+-------+------+----+----+
 *   63 54    53     52   51 32
 * +-------+------+-----+-------+
 * |   0   | PRIV | EXE | PASID |
 * +-------+------+-----+-------+
 *   31 16   15 9   8    7 0
 * +-------+------+----+------+
 * |  SID  |  0   | PP | TYPE |
 * +-------+------+----+------+
 * </pre>
 */
public final class PageRequestDescriptor {

    private static final String SECTION = "7.4.1.1";

    /** Bits 127:76: address of the page. */
    public static final Field ADDR = Field.address("ADDR", 127, 76, SECTION, "address of the page");
    /** Bits 75:67: page request group index. */
    public static final Field PRGI = Field.bits("PRGI", 75, 67, SECTION, "page request group index");
    /** Bit 66: last page in group: an answer is expected. */
    public static final Field LPIG = Field.bit("LPIG", 66, SECTION, "last page in group: an answer is expected");
    /** Bit 65: write access is asked for. */
    public static final Field WR = Field.bit("WR", 65, SECTION, "write access is asked for");
    /** Bit 64: read access is asked for. */
    public static final Field RD = Field.bit("RD", 64, SECTION, "read access is asked for");
    /** Bit 53: supervisor privilege is asked for. */
    public static final Field PRIV = Field.bit("PRIV", 53, SECTION, "supervisor privilege is asked for");
    /** Bit 52: execute permission is asked for. */
    public static final Field EXE = Field.bit("EXE", 52, SECTION, "execute permission is asked for");
    /** Bits 51:32: PASID, if PP is set. */
    public static final Field PASID = Field.bits("PASID", 51, 32, SECTION, "PASID, if PP is set");
    /** Bits 31:16: source id of the device. */
    public static final Field SID = Field.bits("SID", 31, 16, SECTION, "source id of the device");
    /** Bit 8: PASID present. */
    public static final Field PP = Field.bit("PP", 8, SECTION, "PASID present");
    /** Bits 7:0: descriptor type, 01h. */
    public static final Field TYPE = Field.bits("TYPE", 7, 0, SECTION, "descriptor type, 01h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("page_req_dsc", SECTION, 256,
            Field.reserved(255, 192, SECTION), Field.reserved(191, 128, SECTION), ADDR, PRGI, LPIG, WR,
            RD, Field.reserved(63, 54, SECTION), PRIV, EXE, PASID, SID, Field.reserved(15, 9, SECTION),
            PP, TYPE);

    /** Size of one descriptor. */
    public static final int BYTES = 32;

    /** {@link #TYPE} of a page request. */
    public static final int PAGE_REQUEST = 0x01;

    private PageRequestDescriptor() {
    }
}
