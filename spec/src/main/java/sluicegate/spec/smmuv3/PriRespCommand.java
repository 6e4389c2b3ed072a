package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Answers a page request group.
 *
 * <pre>
 *   127 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 78   77 76   75 73    72 64
 * +-------+-------+-------+----------+
 * |   0   |  RESP |   0   | PRGINDEX |
 * +-------+-------+-------+----------+
 *    63 32
 * +----------+
 * | STREAMID |
 * +----------+
 *      31 12       11   10 8    7 0
 * +-------------+-----+------+--------+
 * | SUBSTREAMID | SSV |  0   | OPCODE |
 * +-------------+-----+------+--------+
 * </pre>
 */
public final class PriRespCommand {

    private static final String SECTION = "4.5.2";

    /** Bits 77:76: 0 failure, 1 invalid request, 2 success. */
    public static final Field RESP = Field.bits("RESP", 77, 76, SECTION, "0 failure, 1 invalid request, 2 success");
    /** Bits 72:64: page request group index. */
    public static final Field PRGINDEX = Field.bits("PRGINDEX", 72, 64, SECTION, "page request group index");
    /** Bits 63:32: StreamID. */
    public static final Field STREAMID = Field.bits("STREAMID", 63, 32, SECTION, "StreamID");
    /** Bits 31:12: SubstreamID. */
    public static final Field SUBSTREAMID = Field.bits("SUBSTREAMID", 31, 12, SECTION, "SubstreamID");
    /** Bit 11: there is a SubstreamID. */
    public static final Field SSV = Field.bit("SSV", 11, SECTION, "there is a SubstreamID");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_PRI_RESP", SECTION, 128,
            Field.reserved(127, 78, SECTION), RESP, Field.reserved(75, 73, SECTION), PRGINDEX, STREAMID,
            SUBSTREAMID, SSV, Field.reserved(10, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    /** {@link #RESP}: the device is to stop asking. */
    public static final int RESP_FAILURE = 0b00;

    /** {@link #RESP}: a page is not there. */
    public static final int RESP_INVALID = 0b01;

    /** {@link #RESP}: all pages are there. */
    public static final int RESP_SUCCESS = 0b10;

    private PriRespCommand() {
    }
}
