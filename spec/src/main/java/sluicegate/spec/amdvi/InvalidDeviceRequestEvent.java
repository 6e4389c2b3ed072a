package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * INVALID_DEVICE_REQUEST: a request of a kind that the device may not issue.
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
 *   63 60   59 57   56   55   54   53   52   51   50   49   48    47 32
 * +-------+-------+----+----+----+----+----+----+----+----+----+----------+
 * |  CODE |  TYPE | TR | RZ | PE | RW | PR | I  | US | NX | GN | DOMAINID |
 * +-------+-------+----+----+----+----+----+----+----+----+----+----------+
 *   31 20      19 16        15 0
 * +-------+-------------+----------+
 * |   0   | PASID_19_16 | DEVICEID |
 * +-------+-------------+----------+
 * </pre>
 */
public final class InvalidDeviceRequestEvent {

    private static final String SECTION = "2.5.9";

    /** Bits 59:57: which request, see DeviceRequestType. */
    public static final Field TYPE = Field.bits("TYPE", 59, 57, SECTION, "which request, see DeviceRequestType");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("INVALID_DEVICE_REQUEST", SECTION, 128,
            EventLogRecord.OPERAND, EventLogRecord.CODE, TYPE, EventFlags.TR, EventFlags.RZ,
            EventFlags.PE, EventFlags.RW, EventFlags.PR, EventFlags.I, EventFlags.US, EventFlags.NX,
            EventFlags.GN, EventLogRecord.DOMAINID, Field.reserved(31, 20, SECTION),
            EventLogRecord.PASID_19_16, EventLogRecord.DEVICEID);

    /** Size of one record. */
    public static final int BYTES = 16;

    private InvalidDeviceRequestEvent() {
    }
}
