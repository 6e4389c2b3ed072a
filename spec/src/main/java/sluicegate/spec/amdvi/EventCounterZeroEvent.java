package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * EVENT_COUNTER_ZERO: a performance counter wrapped.
 *
 * <pre>
 *      127 96
 * +-------------+
 * | COUNTERNOTE |
 * +-------------+
 *      95 64
 * +-------------+
 * | COUNTERNOTE |
 * +-------------+
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
public final class EventCounterZeroEvent {

    private static final String SECTION = "2.5.11";

    /** Bits 127:64: note of the counter that software left. */
    public static final Field COUNTERNOTE = Field.bits("COUNTERNOTE", 127, 64, SECTION,
            "note of the counter that software left");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("EVENT_COUNTER_ZERO", SECTION, 128,
            COUNTERNOTE, EventLogRecord.CODE, Field.reserved(59, 20, SECTION),
            Field.reserved(19, 0, SECTION));

    /** Size of one record. */
    public static final int BYTES = 16;

    private EventCounterZeroEvent() {
    }
}
