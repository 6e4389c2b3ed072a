package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidates EL2 stage 1 translations of addresses, for all ASIDs.
 *
 * <pre>
 *    127 96
 * +---------+
 * | ADDRESS |
 * +---------+
 *    95 76    75 74   73 72   71 65    64
 * +---------+-------+-------+-------+------+
 * | ADDRESS |   TG  |  TTL  |   0   | LEAF |
 * +---------+-------+-------+-------+------+
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 26   25 20   19 17   16 12   11 8    7 0
 * +-------+-------+-------+-------+------+--------+
 * |   0   | SCALE |   0   |  NUM  |  0   | OPCODE |
 * +-------+-------+-------+-------+------+--------+
 * </pre>
 */
public final class TlbiEl2VaaCommand {

    private static final String SECTION = "4.4.2.9";

    /** Bits 127:76: virtual address. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 76, SECTION, "virtual address");
    /** Bits 75:74: granule: 0 for no range, 1 for 4 KiB, 2 for 16 KiB, 3 for 64 KiB. */
    public static final Field TG = Field.bits("TG", 75, 74, SECTION,
            "granule: 0 for no range, 1 for 4 KiB, 2 for 16 KiB, 3 for 64 KiB");
    /** Bits 73:72: level hint: 0 for any. */
    public static final Field TTL = Field.bits("TTL", 73, 72, SECTION, "level hint: 0 for any");
    /** Bit 64: only last-level entries need to be invalidated. */
    public static final Field LEAF = Field.bit("LEAF", 64, SECTION, "only last-level entries need to be invalidated");
    /** Bits 25:20: range: scale. */
    public static final Field SCALE = Field.bits("SCALE", 25, 20, SECTION, "range: scale");
    /** Bits 16:12: range: number less one. */
    public static final Field NUM = Field.bits("NUM", 16, 12, SECTION, "range: number less one");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_TLBI_EL2_VAA", SECTION, 128,
            ADDRESS, TG, TTL, Field.reserved(71, 65, SECTION), LEAF, Field.reserved(63, 26, SECTION), SCALE,
            Field.reserved(19, 17, SECTION), NUM, Field.reserved(11, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private TlbiEl2VaaCommand() {
    }
}
