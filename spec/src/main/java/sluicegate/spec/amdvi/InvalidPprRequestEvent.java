package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * INVALID_PPR_REQUEST: a page request of a device that may not ask.
 *
 * <p>The fields stand as in the record of the page request. OPERAND is the address asked for.
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
 *   63 60   59 57   56   55   54   53   52 51   50   49   48   47 46      45 42      41 32
 * +-------+-------+----+----+----+----+-------+----+----+----+-------+-------------+-------+
 * |  CODE |   0   | GN | RZ | US | W  |   0   | R  | X  | 0  |   0   | PASID_19_16 |  TAG  |
 * +-------+-------+----+----+----+----+-------+----+----+----+-------+-------------+-------+
 *     31 16        15 0
 * +------------+----------+
 * | PASID_15_0 | DEVICEID |
 * +------------+----------+
 * </pre>
 */
public final class InvalidPprRequestEvent {

    private static final String SECTION = "2.5.10";

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("INVALID_PPR_REQUEST", SECTION, 128,
            EventLogRecord.OPERAND, EventLogRecord.CODE, Field.reserved(59, 57, SECTION), PprRecord.GN,
            PprRecord.RZ, PprRecord.US, PprRecord.W, Field.reserved(52, 51, SECTION), PprRecord.R,
            PprRecord.X, Field.reserved(48, 48, SECTION), Field.reserved(47, 46, SECTION),
            PprRecord.PASID_19_16, PprRecord.TAG, PprRecord.PASID_15_0, EventLogRecord.DEVICEID);

    /** Size of one record. */
    public static final int BYTES = 16;

    private InvalidPprRequestEvent() {
    }
}
