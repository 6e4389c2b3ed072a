package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * RMP_HW_ERROR: the reverse map table could not be read.
 *
 * <pre>
 *    127 96
 * +---------+
 * | ADDRESS |
 * +---------+
 *    95 67    66 64
 * +---------+-------+
 * | ADDRESS |   0   |
 * +---------+-------+
 *   63 60   59   58 57   56   55 54   53   52 49   48   47 32
 * +-------+----+-------+----+-------+----+-------+----+--------+
 * |  CODE | 0  |  TYPE | TR |   0   | RW |   0   | GN | VMGTAG |
 * +-------+----+-------+----+-------+----+-------+----+--------+
 *   31 16     15 0
 * +-------+----------+
 * |   0   | DEVICEID |
 * +-------+----------+
 * </pre>
 */
public final class RmpHardwareErrorEvent {

    private static final String SECTION = "2.5.15";

    /** Bits 127:67: system physical address of the failed access. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 67, SECTION,
            "system physical address of the failed access");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("RMP_HW_ERROR", SECTION, 128,
            ADDRESS, Field.reserved(66, 64, SECTION), EventLogRecord.CODE,
            Field.reserved(59, 59, SECTION), DevTabHardwareErrorEvent.TYPE, EventFlags.TR,
            Field.reserved(55, 54, SECTION), EventFlags.RW, Field.reserved(52, 49, SECTION),
            EventFlags.GN, RmpPageFaultEvent.VMGTAG, Field.reserved(31, 16, SECTION),
            EventLogRecord.DEVICEID);

    /** Size of one record. */
    public static final int BYTES = 16;

    private RmpHardwareErrorEvent() {
    }
}
