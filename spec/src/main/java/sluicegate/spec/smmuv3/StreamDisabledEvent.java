package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * A request without SubstreamID, or with SubstreamID 0, that STE.S1DSS terminates.
 *
 * <pre>
 *   255 224
 * +---------+
 * |    0    |
 * +---------+
 *   223 192
 * +---------+
 * |    0    |
 * +---------+
 *   191 160
 * +---------+
 * |    0    |
 * +---------+
 *   159 128
 * +---------+
 * |    0    |
 * +---------+
 *   127 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 64
 * +-------+
 * |   0   |
 * +-------+
 *    63 32
 * +----------+
 * | STREAMID |
 * +----------+
 *   31 8   7 0
 * +------+-----+
 * |  0   |  ID |
 * +------+-----+
 * </pre>
 */
public final class StreamDisabledEvent {

    private static final String SECTION = "7.3.7";


    /** All of it. */
    public static final Layout LAYOUT = Layout.of("F_STREAM_DISABLED", SECTION, 256,
            Field.reserved(255, 192, SECTION), Field.reserved(191, 128, SECTION), Field.reserved(127, 64, SECTION),
            EventRecord.STREAMID, Field.reserved(31, 8, SECTION), EventRecord.ID);

    /** Size of one. */
    public static final int BYTES = 32;

    private StreamDisabledEvent() {
    }
}
