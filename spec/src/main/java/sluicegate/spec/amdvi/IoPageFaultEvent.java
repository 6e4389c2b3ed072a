package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * IO_PAGE_FAULT: a request was stopped by page tables, the device table entry or the interrupt remapping table.
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
 * |  CODE |   0   | TR | RZ | PE | RW | PR | I  | US | NX | GN | DOMAINID |
 * +-------+-------+----+----+----+----+----+----+----+----+----+----------+
 *   31 20      19 16        15 0
 * +-------+-------------+----------+
 * |   0   | PASID_19_16 | DEVICEID |
 * +-------+-------------+----------+
 * </pre>
 */
public final class IoPageFaultEvent {

    private static final String SECTION = "2.5.3";

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IO_PAGE_FAULT", SECTION, 128,
            EventLogRecord.OPERAND, EventLogRecord.CODE, Field.reserved(59, 57, SECTION), EventFlags.TR,
            EventFlags.RZ, EventFlags.PE, EventFlags.RW, EventFlags.PR, EventFlags.I, EventFlags.US,
            EventFlags.NX, EventFlags.GN, EventLogRecord.DOMAINID, Field.reserved(31, 20, SECTION),
            EventLogRecord.PASID_19_16, EventLogRecord.DEVICEID);

    /** Size of one record. */
    public static final int BYTES = 16;

    private IoPageFaultEvent() {
    }
}
