package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Retries or terminates a stalled transaction.
 *
 * <pre>
 *   127 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 80   79 64
 * +-------+-------+
 * |   0   |  STAG |
 * +-------+-------+
 *    63 32
 * +----------+
 * | STREAMID |
 * +----------+
 *   31 14   13   12   11    10    9 8    7 0
 * +-------+----+----+----+------+-----+--------+
 * |   0   | AB | AC | 0  | SSEC |  0  | OPCODE |
 * +-------+----+----+----+------+-----+--------+
 * </pre>
 */
public final class ResumeCommand {

    private static final String SECTION = "4.7.1";

    /** Bits 79:64: which one, as its event said. */
    public static final Field STAG = Field.bits("STAG", 79, 64, SECTION, "which one, as its event said");
    /** Bits 63:32: StreamID. */
    public static final Field STREAMID = Field.bits("STREAMID", 63, 32, SECTION, "StreamID");
    /** Bit 13: when terminated: abort; otherwise reads give zero and writes do nothing. */
    public static final Field AB = Field.bit("AB", 13, SECTION,
            "when terminated: abort; otherwise reads give zero and writes do nothing");
    /** Bit 12: retry; otherwise terminate. */
    public static final Field AC = Field.bit("AC", 12, SECTION, "retry; otherwise terminate");
    /** Bit 10: the StreamID is Secure; illegal in the Non-secure queue. */
    public static final Field SSEC = Field.bit("SSEC", 10, SECTION,
            "the StreamID is Secure; illegal in the Non-secure queue");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_RESUME", SECTION, 128,
            Field.reserved(127, 80, SECTION), STAG, STREAMID, Field.reserved(31, 14, SECTION), AB, AC,
            Field.reserved(11, 11, SECTION), SSEC, Field.reserved(9, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private ResumeCommand() {
    }
}
