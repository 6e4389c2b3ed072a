package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidates all EL2 stage 1 translations.
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
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 8    7 0
 * +------+--------+
 * |  0   | OPCODE |
 * +------+--------+
 * </pre>
 */
public final class TlbiEl2AllCommand {

    private static final String SECTION = "4.4.2.7";


    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_TLBI_EL2_ALL", SECTION, 128,
            Field.reserved(127, 64, SECTION), Field.reserved(63, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private TlbiEl2AllCommand() {
    }
}
