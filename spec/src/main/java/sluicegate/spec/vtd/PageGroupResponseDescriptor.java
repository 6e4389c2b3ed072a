package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Page Group Response Descriptor, {@code page_grp_resp_dsc}: the answer to a group of page requests, sent through the
 * invalidation queue.
 *
 * <p>The low four bits of the type are TYPE; TYPE_HI is zero for all types below 16.
 *
 * <pre>
 *   255 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 76   75 67    66    65 64
 * +-------+-------+------+-------+
 * |   0   |  PRGI | LPIG |   0   |
 * +-------+-------+------+-------+
 *   63 52   51 32
 * +-------+-------+
 * |   0   | PASID |
 * +-------+-------+
 *   31 16   15 12     11 9    8 5   4    3 0
 * +-------+-------+---------+-----+----+------+
 * |  SID  |   RC  | TYPE_HI |  0  | PP | TYPE |
 * +-------+-------+---------+-----+----+------+
 * </pre>
 */
public final class PageGroupResponseDescriptor {

    private static final String SECTION = "7";

    /** Bits 75:67: page request group index, as in the request. */
    public static final Field PRGI = Field.bits("PRGI", 75, 67, SECTION, "page request group index, as in the request");
    /** Bit 66: last page in group; as in the request. */
    public static final Field LPIG = Field.bit("LPIG", 66, SECTION, "last page in group; as in the request");
    /** Bits 51:32: PASID, if PP is set. */
    public static final Field PASID = Field.bits("PASID", 51, 32, SECTION, "PASID, if PP is set");
    /** Bits 31:16: source id of the device that asked. */
    public static final Field SID = Field.bits("SID", 31, 16, SECTION, "source id of the device that asked");
    /** Bits 15:12: response code. */
    public static final Field RC = Field.bits("RC", 15, 12, SECTION, "response code");
    /** Bits 11:9: upper bits of the descriptor type. */
    public static final Field TYPE_HI = Field.bits("TYPE_HI", 11, 9, SECTION, "upper bits of the descriptor type");
    /** Bit 4: PASID present. */
    public static final Field PP = Field.bit("PP", 4, SECTION, "PASID present");
    /** Bits 3:0: descriptor type, 9h. */
    public static final Field TYPE = Field.bits("TYPE", 3, 0, SECTION, "descriptor type, 9h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("page_grp_resp_dsc", SECTION, 256,
            Field.reserved(255, 192, SECTION), Field.reserved(191, 128, SECTION),
            Field.reserved(127, 76, SECTION), PRGI, LPIG, Field.reserved(65, 64, SECTION),
            Field.reserved(63, 52, SECTION), PASID, SID, RC, TYPE_HI, Field.reserved(8, 5, SECTION), PP,
            TYPE);

    /** Size of one descriptor. */
    public static final int BYTES = 32;

    /** {@link #RC}: the pages are there now. */
    public static final int SUCCESS = 0x0;

    /** {@link #RC}: the device may not have them. */
    public static final int INVALID = 0x1;

    /** {@link #RC}: the request can't be served; the device has to stop asking. */
    public static final int FAILURE = 0xF;

    private PageGroupResponseDescriptor() {
    }
}
