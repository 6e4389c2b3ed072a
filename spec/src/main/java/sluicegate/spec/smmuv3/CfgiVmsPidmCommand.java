package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidates cached MPAM maps of a VMID.
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
 *   31 11    10    9 8    7 0
 * +-------+------+-----+--------+
 * |   0   | SSEC |  0  | OPCODE |
 * +-------+------+-----+--------+
 * </pre>
 */
public final class CfgiVmsPidmCommand {

    private static final String SECTION = "4.3.5";

    /** Bits 47:32: VMID. */
    public static final Field VMID = Field.bits("VMID", 47, 32, SECTION, "VMID");
    /** Bit 10: the StreamID is Secure; illegal in the Non-secure queue. */
    public static final Field SSEC = Field.bit("SSEC", 10, SECTION,
            "the StreamID is Secure; illegal in the Non-secure queue");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_CFGI_VMS_PIDM", SECTION, 128,
            Field.reserved(127, 64, SECTION), Field.reserved(63, 48, SECTION), VMID,
            Field.reserved(31, 11, SECTION), SSEC, Field.reserved(9, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private CfgiVmsPidmCommand() {
    }
}
