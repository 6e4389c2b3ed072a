package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidates the non-global EL2-E2H stage 1 translations of an ASID.
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
 *   63 48   47 32
 * +-------+-------+
 * |  ASID |   0   |
 * +-------+-------+
 *   31 8    7 0
 * +------+--------+
 * |  0   | OPCODE |
 * +------+--------+
 * </pre>
 */
public final class TlbiEl2AsidCommand {

    private static final String SECTION = "4.4.2.10";

    /** Bits 63:48: ASID. */
    public static final Field ASID = Field.bits("ASID", 63, 48, SECTION, "ASID");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_TLBI_EL2_ASID", SECTION, 128,
            Field.reserved(127, 64, SECTION), ASID, Field.reserved(47, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private TlbiEl2AsidCommand() {
    }
}
