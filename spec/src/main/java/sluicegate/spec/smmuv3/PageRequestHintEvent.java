package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * A hint that pages will be needed; it needs no answer.
 *
 * <pre>
 *   255 224
 * +---------+
 * |    0    |
 * +---------+
 *   223 192
 * +---------+
 * |    0    |
 * +---------+
 *    191 160
 * +-----------+
 * | INPUTADDR |
 * +-----------+
 *    159 140    139 128
 * +-----------+---------+
 * | INPUTADDR |    0    |
 * +-----------+---------+
 *   127 116   115 108   107 104   103   102   101   100   99   98   97 96
 * +---------+---------+---------+-----+-----+-----+-----+----+----+-------+
 * |    0    |   SPAN  |    0    |  PR |  PW |  PX |  UR | UW | UX |   0   |
 * +---------+---------+---------+-----+-----+-----+-----+----+----+-------+
 *   95 64
 * +-------+
 * |   0   |
 * +-------+
 *    63 32
 * +----------+
 * | STREAMID |
 * +----------+
 *      31 12       11   10 8   7 0
 * +-------------+-----+------+-----+
 * | SUBSTREAMID | SSV |  0   |  ID |
 * +-------------+-----+------+-----+
 * </pre>
 */
public final class PageRequestHintEvent {

    private static final String SECTION = "7.3.19";

    /** Bits 191:140: first page. */
    public static final Field INPUTADDR = Field.address("INPUTADDR", 191, 140, SECTION, "first page");
    /** Bits 115:108: number of pages of 4 KiB. */
    public static final Field SPAN = Field.bits("SPAN", 115, 108, SECTION, "number of pages of 4 KiB");
    /** Bit 103: privileged read. */
    public static final Field PR = Field.bit("PR", 103, SECTION, "privileged read");
    /** Bit 102: privileged write. */
    public static final Field PW = Field.bit("PW", 102, SECTION, "privileged write");
    /** Bit 101: privileged execute. */
    public static final Field PX = Field.bit("PX", 101, SECTION, "privileged execute");
    /** Bit 100: unprivileged read. */
    public static final Field UR = Field.bit("UR", 100, SECTION, "unprivileged read");
    /** Bit 99: unprivileged write. */
    public static final Field UW = Field.bit("UW", 99, SECTION, "unprivileged write");
    /** Bit 98: unprivileged execute. */
    public static final Field UX = Field.bit("UX", 98, SECTION, "unprivileged execute");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("E_PAGE_REQUEST", SECTION, 256,
            Field.reserved(255, 192, SECTION), INPUTADDR, Field.reserved(139, 128, SECTION),
            Field.reserved(127, 116, SECTION), SPAN, Field.reserved(107, 104, SECTION), PR, PW, PX, UR, UW, UX,
            Field.reserved(97, 64, SECTION), EventRecord.STREAMID, EventRecord.SUBSTREAMID, EventRecord.SSV,
            Field.reserved(10, 8, SECTION), EventRecord.ID);

    /** Size of one. */
    public static final int BYTES = 32;

    private PageRequestHintEvent() {
    }
}
