package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * ILLEGAL_COMMAND_ERROR: a command has a reserved code or a reserved bit set; the command buffer is stopped.
 *
 * <pre>
 *    127 96
 * +---------+
 * | ADDRESS |
 * +---------+
 *    95 68    67 64
 * +---------+-------+
 * | ADDRESS |   0   |
 * +---------+-------+
 *   63 60   59 32
 * +-------+-------+
 * |  CODE |   0   |
 * +-------+-------+
 *   31 0
 * +------+
 * |  0   |
 * +------+
 * </pre>
 */
public final class IllegalCommandEvent {

    private static final String SECTION = "2.5.6";

    /** Bits 127:68: system physical address of the command. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 68, SECTION,
            "system physical address of the command");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ILLEGAL_COMMAND_ERROR", SECTION, 128,
            ADDRESS, Field.reserved(67, 64, SECTION), EventLogRecord.CODE, Field.reserved(59, 0, SECTION));

    /** Size of one record. */
    public static final int BYTES = 16;

    private IllegalCommandEvent() {
    }
}
