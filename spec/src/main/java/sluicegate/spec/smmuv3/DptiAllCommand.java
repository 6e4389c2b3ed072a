package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidates everything cached of the device permission table.
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
public final class DptiAllCommand {

    private static final String SECTION = "4.6.1";


    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_DPTI_ALL", SECTION, 128,
            Field.reserved(127, 64, SECTION), Field.reserved(63, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    private DptiAllCommand() {
    }
}
