package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidates one cached context descriptor of a stream.
 *
 * <pre>
 *   127 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 65    64
 * +-------+------+
 * |   0   | LEAF |
 * +-------+------+
 *    63 32
 * +----------+
 * | STREAMID |
 * +----------+
 *      31 12      11    10    9 8    7 0
 * +-------------+----+------+-----+--------+
 * | SUBSTREAMID | 0  | SSEC |  0  | OPCODE |
 * +-------------+----+------+-----+--------+
 * </pre>
 */
public final class CfgiCdCommand {

    private static final String SECTION = "4.3.3";

    /** Bit 64: level 1 descriptors need not be invalidated. */
    public static final Field LEAF = Field.bit("LEAF", 64, SECTION, "level 1 descriptors need not be invalidated");
    /** Bits 63:32: StreamID. */
    public static final Field STREAMID = Field.bits("STREAMID", 63, 32, SECTION, "StreamID");
    /** Bits 31:12: SubstreamID. */
    public static final Field SUBSTREAMID = Field.bits("SUBSTREAMID", 31, 12, SECTION, "SubstreamID");
    /** Bit 10: the StreamID is Secure; illegal in the Non-secure queue. */
    public static final Field SSEC = Field.bit("SSEC", 10, SECTION,
            "the StreamID is Secure; illegal in the Non-secure queue");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_CFGI_CD", SECTION, 128,
            Field.reserved(127, 65, SECTION), LEAF, STREAMID, SUBSTREAMID, Field.reserved(11, 11, SECTION), SSEC,
            Field.reserved(9, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private CfgiCdCommand() {
    }
}
