package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidates the cached configuration of an aligned range of 2 to the (RANGE + 1) streams; with {@link #ALL} of all,
 * which is CMD_CFGI_ALL.
 *
 * <pre>
 *   127 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 69   68 64
 * +-------+-------+
 * |   0   | RANGE |
 * +-------+-------+
 *    63 32
 * +----------+
 * | STREAMID |
 * +----------+
 *   31 11    10    9 8    7 0
 * +-------+------+-----+--------+
 * |   0   | SSEC |  0  | OPCODE |
 * +-------+------+-----+--------+
 * </pre>
 */
public final class CfgiSteRangeCommand {

    private static final String SECTION = "4.3.2";

    /** Bits 68:64: log2 of the number of streams, less one. */
    public static final Field RANGE = Field.bits("RANGE", 68, 64, SECTION, "log2 of the number of streams, less one");
    /** Bits 63:32: StreamID. */
    public static final Field STREAMID = Field.bits("STREAMID", 63, 32, SECTION, "StreamID");
    /** Bit 10: the StreamID is Secure; illegal in the Non-secure queue. */
    public static final Field SSEC = Field.bit("SSEC", 10, SECTION,
            "the StreamID is Secure; illegal in the Non-secure queue");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_CFGI_STE_RANGE", SECTION, 128,
            Field.reserved(127, 69, SECTION), RANGE, STREAMID, Field.reserved(31, 11, SECTION), SSEC,
            Field.reserved(9, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    /** {@link #RANGE}: every stream. */
    public static final int ALL = 31;

    private CfgiSteRangeCommand() {
    }
}
