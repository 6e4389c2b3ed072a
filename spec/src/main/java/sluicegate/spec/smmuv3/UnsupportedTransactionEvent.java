package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * An unsupported kind of transaction.
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
 *   127 100    99    98    97   96
 * +---------+-----+-----+-----+----+
 * |    0    | RNW | IND | PNU | 0  |
 * +---------+-----+-----+-----+----+
 *   95 80   79 64
 * +-------+--------+
 * |   0   | REASON |
 * +-------+--------+
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
public final class UnsupportedTransactionEvent {

    private static final String SECTION = "7.3.2";

    /** Bits 191:128: address of the request. */
    public static final Field INPUTADDR = Field.address("INPUTADDR", 191, 128, SECTION, "address of the request");
    /** Bit 99: a read. */
    public static final Field RNW = Field.bit("RNW", 99, SECTION, "a read");
    /** Bit 98: an instruction fetch. */
    public static final Field IND = Field.bit("IND", 98, SECTION, "an instruction fetch");
    /** Bit 97: a privileged access. */
    public static final Field PNU = Field.bit("PNU", 97, SECTION, "a privileged access");
    /** Bits 79:64: implementation defined. */
    public static final Field REASON = Field.bits("REASON", 79, 64, SECTION, "implementation defined");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("F_UUT", SECTION, 256,
            Field.reserved(255, 192, SECTION), INPUTADDR, Field.reserved(127, 100, SECTION), RNW, IND, PNU,
            Field.reserved(96, 80, SECTION), REASON, EventRecord.STREAMID, EventRecord.SUBSTREAMID, EventRecord.SSV,
            Field.reserved(10, 8, SECTION), EventRecord.ID);

    /** Size of one. */
    public static final int BYTES = 32;

    private UnsupportedTransactionEvent() {
    }
}
