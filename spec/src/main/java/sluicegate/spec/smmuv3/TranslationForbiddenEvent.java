package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * A translated request from a stream that may not send any.
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
 *    191 160
 * +-----------+
 * | INPUTADDR |
 * +-----------+
 *    159 128
 * +-----------+
 * | INPUTADDR |
 * +-----------+
 *   127 100    99   98 96
 * +---------+-----+-------+
 * |    0    | RNW |   0   |
 * +---------+-----+-------+
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
public final class TranslationForbiddenEvent {

    private static final String SECTION = "7.3.8";

    /** Bits 191:128: address of the request. */
    public static final Field INPUTADDR = Field.address("INPUTADDR", 191, 128, SECTION, "address of the request");
    /** Bit 99: a read. */
    public static final Field RNW = Field.bit("RNW", 99, SECTION, "a read");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("F_TRANSL_FORBIDDEN", SECTION, 256,
            Field.reserved(255, 192, SECTION), INPUTADDR, Field.reserved(127, 100, SECTION), RNW,
            Field.reserved(98, 64, SECTION), EventRecord.STREAMID, Field.reserved(31, 8, SECTION), EventRecord.ID);

    /** Size of one. */
    public static final int BYTES = 32;

    private TranslationForbiddenEvent() {
    }
}
