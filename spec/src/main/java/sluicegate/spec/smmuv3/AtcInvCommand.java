package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidates translations that a device holds: 2 to the SIZE pages of 4 KiB, naturally aligned.
 *
 * <pre>
 *    127 96
 * +---------+
 * | ADDRESS |
 * +---------+
 *    95 76    75 70   69 64
 * +---------+-------+-------+
 * | ADDRESS |   0   |  SIZE |
 * +---------+-------+-------+
 *    63 32
 * +----------+
 * | STREAMID |
 * +----------+
 *      31 12       11   10     9      8    7 0
 * +-------------+-----+----+--------+---+--------+
 * | SUBSTREAMID | SSV | 0  | GLOBAL | 0 | OPCODE |
 * +-------------+-----+----+--------+---+--------+
 * </pre>
 */
public final class AtcInvCommand {

    private static final String SECTION = "4.5.1";

    /** Bits 127:76: first address. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 76, SECTION, "first address");
    /** Bits 69:64: log2 of the number of pages; 52 for all. */
    public static final Field SIZE = Field.bits("SIZE", 69, 64, SECTION, "log2 of the number of pages; 52 for all");
    /** Bits 63:32: StreamID. */
    public static final Field STREAMID = Field.bits("STREAMID", 63, 32, SECTION, "StreamID");
    /** Bits 31:12: SubstreamID. */
    public static final Field SUBSTREAMID = Field.bits("SUBSTREAMID", 31, 12, SECTION, "SubstreamID");
    /** Bit 11: there is a SubstreamID. */
    public static final Field SSV = Field.bit("SSV", 11, SECTION, "there is a SubstreamID");
    /** Bit 9: all PASIDs. */
    public static final Field GLOBAL = Field.bit("GLOBAL", 9, SECTION, "all PASIDs");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_ATC_INV", SECTION, 128,
            ADDRESS, Field.reserved(75, 70, SECTION), SIZE, STREAMID, SUBSTREAMID, SSV,
            Field.reserved(10, 10, SECTION), GLOBAL, Field.reserved(8, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    /** {@link #SIZE}: every address. */
    public static final int SIZE_ALL = 52;

    private AtcInvCommand() {
    }
}
