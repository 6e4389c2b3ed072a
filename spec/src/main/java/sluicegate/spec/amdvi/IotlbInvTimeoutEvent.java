package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * IOTLB_INV_TIMEOUT: a device did not answer an invalidation in time.
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
 *   31 16     15 0
 * +-------+----------+
 * |   0   | DEVICEID |
 * +-------+----------+
 * </pre>
 */
public final class IotlbInvTimeoutEvent {

    private static final String SECTION = "2.5.8";

    /** Bits 127:68: system physical address of the INVALIDATE_IOTLB_PAGES command. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 68, SECTION,
            "system physical address of the INVALIDATE_IOTLB_PAGES command");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IOTLB_INV_TIMEOUT", SECTION, 128,
            ADDRESS, Field.reserved(67, 64, SECTION), EventLogRecord.CODE,
            Field.reserved(59, 16, SECTION), EventLogRecord.DEVICEID);

    /** Size of one record. */
    public static final int BYTES = 16;

    private IotlbInvTimeoutEvent() {
    }
}
