package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * What all event records have in common. {@link Field#word} of four names the word of a field above bit 63.
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
 *   191 160
 * +---------+
 * |   ign   |
 * +---------+
 *   159 128
 * +---------+
 * |   ign   |
 * +---------+
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
public final class EventRecord {

    private static final String SECTION = "7.3";

    /** Bits 63:32: StreamID. */
    public static final Field STREAMID = Field.bits("STREAMID", 63, 32, SECTION, "StreamID");
    /** Bits 31:12: SubstreamID. */
    public static final Field SUBSTREAMID = Field.bits("SUBSTREAMID", 31, 12, SECTION, "SubstreamID");
    /** Bit 11: the request had a SubstreamID. */
    public static final Field SSV = Field.bit("SSV", 11, SECTION, "the request had a SubstreamID");
    /** Bits 7:0: which event, see EventType. */
    public static final Field ID = Field.bits("ID", 7, 0, SECTION, "which event, see EventType");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("event record", SECTION, 256,
            Field.ignored(255, 192, SECTION), Field.ignored(191, 128, SECTION), Field.ignored(127, 64, SECTION),
            STREAMID, SUBSTREAMID, SSV, Field.ignored(10, 8, SECTION), ID);

    /** Size of one. */
    public static final int BYTES = 32;

    /** The number of 64-bit words of a record. */
    public static final int WORDS = 4;

    private EventRecord() {
    }
}
