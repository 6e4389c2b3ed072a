package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidates all EL1 stage 1 translations of a VMID, global ones among them.
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
 * |   0   |  VMID |
 * +-------+-------+
 *   31 8    7 0
 * +------+--------+
 * |  0   | OPCODE |
 * +------+--------+
 * </pre>
 */
public final class TlbiNhAllCommand {

    private static final String SECTION = "4.4.2.1";

    /** Bits 47:32: VMID. */
    public static final Field VMID = Field.bits("VMID", 47, 32, SECTION, "VMID");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_TLBI_NH_ALL", SECTION, 128,
            Field.reserved(127, 64, SECTION), Field.reserved(63, 48, SECTION), VMID, Field.reserved(31, 8, SECTION),
            CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private TlbiNhAllCommand() {
    }
}
