package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * An ATS translation request from a stream that may not ask.
 *
 * <p>The permissions that were asked for, and the number of pages, are recorded between bits 96 and 139; their places
 * are not described here.
 *
 * <pre>
 *   255 224
 * +---------+
 * |   ign   |
 * +---------+
 *   223 192
 * +---------+
 * |   ign   |
 * +---------+
 *    191 160
 * +-----------+
 * | INPUTADDR |
 * +-----------+
 *    159 140    139 128
 * +-----------+---------+
 * | INPUTADDR |   ign   |
 * +-----------+---------+
 *   127 96
 * +--------+
 * |  ign   |
 * +--------+
 *   95 64
 * +-------+
 * |  ign  |
 * +-------+
 *    63 32
 * +----------+
 * | STREAMID |
 * +----------+
 *      31 12       11   10 8   7 0
 * +-------------+-----+------+-----+
 * | SUBSTREAMID | SSV | ign  |  ID |
 * +-------------+-----+------+-----+
 * </pre>
 */
public final class BadAtsRequestEvent {

    private static final String SECTION = "7.3.6";

    /** Bits 191:140: address of the request. */
    public static final Field INPUTADDR = Field.address("INPUTADDR", 191, 140, SECTION, "address of the request");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("F_BAD_ATS_TREQ", SECTION, 256,
            Field.ignored(255, 192, SECTION), INPUTADDR, Field.ignored(139, 128, SECTION),
            Field.ignored(127, 64, SECTION), EventRecord.STREAMID, EventRecord.SUBSTREAMID, EventRecord.SSV,
            Field.ignored(10, 8, SECTION), EventRecord.ID);

    /** Size of one. */
    public static final int BYTES = 32;

    private BadAtsRequestEvent() {
    }
}
