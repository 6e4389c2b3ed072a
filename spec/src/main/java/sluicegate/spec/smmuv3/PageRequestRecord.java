package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * One page request of a device, in the PRI queue. LAST without read and write, with a PASID, is a stop marker.
 *
 * <pre>
 *    127 96
 * +---------+
 * | ADDRESS |
 * +---------+
 *    95 76    75 73    72 64
 * +---------+-------+----------+
 * | ADDRESS |   0   | PRGINDEX |
 * +---------+-------+----------+
 *    63    62    61   60   59    58    57 52      51 32
 * +-----+------+----+----+----+------+-------+-------------+
 * | SSV | LAST | W  | R  | X  | PRIV |   0   | SUBSTREAMID |
 * +-----+------+----+----+----+------+-------+-------------+
 *     31 0
 * +----------+
 * | STREAMID |
 * +----------+
 * </pre>
 */
public final class PageRequestRecord {

    private static final String SECTION = "8";

    /** Bits 127:76: page. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 76, SECTION, "page");
    /** Bits 72:64: page request group index. */
    public static final Field PRGINDEX = Field.bits("PRGINDEX", 72, 64, SECTION, "page request group index");
    /** Bit 63: there is a SubstreamID. */
    public static final Field SSV = Field.bit("SSV", 63, SECTION, "there is a SubstreamID");
    /** Bit 62: last of its group. */
    public static final Field LAST = Field.bit("LAST", 62, SECTION, "last of its group");
    /** Bit 61: write. */
    public static final Field W = Field.bit("W", 61, SECTION, "write");
    /** Bit 60: read. */
    public static final Field R = Field.bit("R", 60, SECTION, "read");
    /** Bit 59: execute. */
    public static final Field X = Field.bit("X", 59, SECTION, "execute");
    /** Bit 58: privileged. */
    public static final Field PRIV = Field.bit("PRIV", 58, SECTION, "privileged");
    /** Bits 51:32: SubstreamID. */
    public static final Field SUBSTREAMID = Field.bits("SUBSTREAMID", 51, 32, SECTION, "SubstreamID");
    /** Bits 31:0: StreamID. */
    public static final Field STREAMID = Field.bits("STREAMID", 31, 0, SECTION, "StreamID");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PRI queue entry", SECTION, 128,
            ADDRESS, Field.reserved(75, 73, SECTION), PRGINDEX, SSV, LAST, W, R, X, PRIV,
            Field.reserved(57, 52, SECTION), SUBSTREAMID, STREAMID);

    /** Size of one. */
    public static final int BYTES = 16;

    private PageRequestRecord() {
    }
}
