package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Cached configurations contradict each other.
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
 * +--------+
 * | REASON |
 * +--------+
 *    63 32
 * +----------+
 * | STREAMID |
 * +----------+
 *      31 12       11   10 8   7 0
 * +-------------+-----+------+-----+
 * | SUBSTREAMID | SSV |  0   |  ID |
 * +-------------+-----+------+-----+
 * </pre>
 */
public final class ConfigurationConflictEvent {

    private static final String SECTION = "7.3.18";

    /** Bits 95:64: implementation defined. */
    public static final Field REASON = Field.bits("REASON", 95, 64, SECTION, "implementation defined");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("F_CFG_CONFLICT", SECTION, 256,
            Field.reserved(255, 192, SECTION), Field.reserved(191, 128, SECTION), Field.reserved(127, 96, SECTION),
            REASON, EventRecord.STREAMID, EventRecord.SUBSTREAMID, EventRecord.SSV, Field.reserved(10, 8, SECTION),
            EventRecord.ID);

    /** Size of one. */
    public static final int BYTES = 32;

    private ConfigurationConflictEvent() {
    }
}
