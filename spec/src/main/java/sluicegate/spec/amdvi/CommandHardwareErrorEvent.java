package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * COMMAND_HARDWARE_ERROR: a command could not be read, or its store failed; the command buffer is stopped.
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
 *   63 60   59   58 57   56 32
 * +-------+----+-------+-------+
 * |  CODE | 0  |  TYPE |   0   |
 * +-------+----+-------+-------+
 *   31 0
 * +------+
 * |  0   |
 * +------+
 * </pre>
 */
public final class CommandHardwareErrorEvent {

    private static final String SECTION = "2.5.7";

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("COMMAND_HARDWARE_ERROR", SECTION, 128,
            IllegalCommandEvent.ADDRESS, Field.reserved(67, 64, SECTION), EventLogRecord.CODE,
            Field.reserved(59, 59, SECTION), DevTabHardwareErrorEvent.TYPE, Field.reserved(56, 0, SECTION));

    /** Size of one record. */
    public static final int BYTES = 16;

    private CommandHardwareErrorEvent() {
    }
}
