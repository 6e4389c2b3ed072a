package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * DEV_TAB_HARDWARE_ERROR: a device table entry could not be read.
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
 *   63 60   59   58 57   56   55 54   53   52   51   50 32
 * +-------+----+-------+----+-------+----+----+----+-------+
 * |  CODE | 0  |  TYPE | TR |   0   | RW | 0  | I  |   0   |
 * +-------+----+-------+----+-------+----+----+----+-------+
 *   31 16     15 0
 * +-------+----------+
 * |   0   | DEVICEID |
 * +-------+----------+
 * </pre>
 */
public final class DevTabHardwareErrorEvent {

    private static final String SECTION = "2.5.4";

    /** Bits 127:68: system physical address of the failed access. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 68, SECTION,
            "system physical address of the failed access");
    /** Bits 58:57: what went wrong, see HardwareErrorType. */
    public static final Field TYPE = Field.bits("TYPE", 58, 57, SECTION, "what went wrong, see HardwareErrorType");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("DEV_TAB_HARDWARE_ERROR", SECTION, 128,
            ADDRESS, Field.reserved(67, 64, SECTION), EventLogRecord.CODE,
            Field.reserved(59, 59, SECTION), TYPE, EventFlags.TR, Field.reserved(55, 54, SECTION),
            EventFlags.RW, Field.reserved(52, 52, SECTION), EventFlags.I, Field.reserved(50, 32, SECTION),
            Field.reserved(31, 16, SECTION), EventLogRecord.DEVICEID);

    /** Size of one record. */
    public static final int BYTES = 16;

    private DevTabHardwareErrorEvent() {
    }
}
