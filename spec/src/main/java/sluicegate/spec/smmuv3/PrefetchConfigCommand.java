package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Prefetches the configuration of a stream.
 *
 * <pre>
 *   127 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 64
 * +-------+
 * |   0   |
 * +-------+
 *    63 32
 * +----------+
 * | STREAMID |
 * +----------+
 *      31 12       11    10    9 8    7 0
 * +-------------+-----+------+-----+--------+
 * | SUBSTREAMID | SSV | SSEC |  0  | OPCODE |
 * +-------------+-----+------+-----+--------+
 * </pre>
 */
public final class PrefetchConfigCommand {

    private static final String SECTION = "4.2.1";

    /** Bits 63:32: StreamID. */
    public static final Field STREAMID = Field.bits("STREAMID", 63, 32, SECTION, "StreamID");
    /** Bits 31:12: SubstreamID. */
    public static final Field SUBSTREAMID = Field.bits("SUBSTREAMID", 31, 12, SECTION, "SubstreamID");
    /** Bit 11: there is a SubstreamID. */
    public static final Field SSV = Field.bit("SSV", 11, SECTION, "there is a SubstreamID");
    /** Bit 10: the StreamID is Secure; illegal in the Non-secure queue. */
    public static final Field SSEC = Field.bit("SSEC", 10, SECTION,
            "the StreamID is Secure; illegal in the Non-secure queue");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_PREFETCH_CONFIG", SECTION, 128,
            Field.reserved(127, 64, SECTION), STREAMID, SUBSTREAMID, SSV, SSEC, Field.reserved(9, 8, SECTION),
            CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private PrefetchConfigCommand() {
    }
}
