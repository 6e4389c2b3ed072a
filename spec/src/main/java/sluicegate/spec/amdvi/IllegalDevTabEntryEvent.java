package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * ILLEGAL_DEV_TABLE_ENTRY: a device table entry has a reserved bit set or a code that is not allowed.
 *
 * <p>OPERAND is the address of the request.
 *
 * <pre>
 *    127 96
 * +---------+
 * | OPERAND |
 * +---------+
 *    95 64
 * +---------+
 * | OPERAND |
 * +---------+
 *   63 60   59 57   56   55   54   53   52   51   50 49   48    47 32
 * +-------+-------+----+----+----+----+----+----+-------+----+----------+
 * |  CODE |   0   | TR | RZ | 0  | RW | 0  | I  |   0   | GN | DOMAINID |
 * +-------+-------+----+----+----+----+----+----+-------+----+----------+
 *   31 20      19 16        15 0
 * +-------+-------------+----------+
 * |   0   | PASID_19_16 | DEVICEID |
 * +-------+-------------+----------+
 * </pre>
 */
public final class IllegalDevTabEntryEvent {

    private static final String SECTION = "2.5.2";

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ILLEGAL_DEV_TABLE_ENTRY", SECTION, 128,
            EventLogRecord.OPERAND, EventLogRecord.CODE, Field.reserved(59, 57, SECTION), EventFlags.TR,
            EventFlags.RZ, Field.reserved(54, 54, SECTION), EventFlags.RW,
            Field.reserved(52, 52, SECTION), EventFlags.I, Field.reserved(50, 49, SECTION), EventFlags.GN,
            EventLogRecord.DOMAINID, Field.reserved(31, 20, SECTION), EventLogRecord.PASID_19_16,
            EventLogRecord.DEVICEID);

    /** Size of one record. */
    public static final int BYTES = 16;

    private IllegalDevTabEntryEvent() {
    }
}
