package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidates the non-global EL1 stage 1 translations of an ASID and VMID.
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
 * |  ASID |  VMID |
 * +-------+-------+
 *   31 8    7 0
 * +------+--------+
 * |  0   | OPCODE |
 * +------+--------+
 * </pre>
 */
public final class TlbiNhAsidCommand {

    private static final String SECTION = "4.4.2.2";

    /** Bits 63:48: ASID. */
    public static final Field ASID = Field.bits("ASID", 63, 48, SECTION, "ASID");
    /** Bits 47:32: VMID. */
    public static final Field VMID = Field.bits("VMID", 47, 32, SECTION, "VMID");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_TLBI_NH_ASID", SECTION, 128,
            Field.reserved(127, 64, SECTION), ASID, VMID, Field.reserved(31, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private TlbiNhAsidCommand() {
    }
}
