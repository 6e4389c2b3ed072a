package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Prefetches translations: 2 to the SIZE of them, one for every 2 to the (12 + STRIDE) bytes.
 *
 * <pre>
 *    127 96
 * +---------+
 * | ADDRESS |
 * +---------+
 *    95 76    75   74   73 69    68 64
 * +---------+----+----+--------+-------+
 * | ADDRESS | 0  | NS | STRIDE |  SIZE |
 * +---------+----+----+--------+-------+
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
public final class PrefetchAddressCommand {

    private static final String SECTION = "4.2.2";

    /** Bits 127:76: first address. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 76, SECTION, "first address");
    /** Bit 74: Secure state only. */
    public static final Field NS = Field.bit("NS", 74, SECTION, "Secure state only");
    /** Bits 73:69: log2 of the distance, less 12. */
    public static final Field STRIDE = Field.bits("STRIDE", 73, 69, SECTION, "log2 of the distance, less 12");
    /** Bits 68:64: log2 of the number. */
    public static final Field SIZE = Field.bits("SIZE", 68, 64, SECTION, "log2 of the number");
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
    public static final Layout LAYOUT = Layout.of("CMD_PREFETCH_ADDR", SECTION, 128,
            ADDRESS, Field.reserved(75, 75, SECTION), NS, STRIDE, SIZE, STREAMID, SUBSTREAMID, SSV, SSEC,
            Field.reserved(9, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private PrefetchAddressCommand() {
    }
}
