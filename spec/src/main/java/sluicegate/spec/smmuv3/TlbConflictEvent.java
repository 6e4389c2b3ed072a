package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Entries of the TLB contradict each other.
 *
 * <pre>
 *   255 248   247 224
 * +---------+---------+
 * |    0    |   IPA   |
 * +---------+---------+
 *   223 204   203 192
 * +---------+---------+
 * |   IPA   |    0    |
 * +---------+---------+
 *    191 160
 * +-----------+
 * | INPUTADDR |
 * +-----------+
 *    159 128
 * +-----------+
 * | INPUTADDR |
 * +-----------+
 *   127 104   103   102 101    100     99    98    97   96
 * +---------+-----+---------+-------+-----+-----+-----+----+
 * |    0    |  S2 |    0    | NSIPA | RNW | IND | PNU | 0  |
 * +---------+-----+---------+-------+-----+-----+-----+----+
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
public final class TlbConflictEvent {

    private static final String SECTION = "7.3.17";

    /** Bits 247:204: intermediate physical address, at stage 2. */
    public static final Field IPA = Field.address("IPA", 247, 204, SECTION,
            "intermediate physical address, at stage 2");
    /** Bits 191:128: address of the request. */
    public static final Field INPUTADDR = Field.address("INPUTADDR", 191, 128, SECTION, "address of the request");
    /** Bit 103: at stage 2. */
    public static final Field S2 = Field.bit("S2", 103, SECTION, "at stage 2");
    /** Bit 100: the IPA is Non-secure; Secure state only. */
    public static final Field NSIPA = Field.bit("NSIPA", 100, SECTION, "the IPA is Non-secure; Secure state only");
    /** Bit 99: a read. */
    public static final Field RNW = Field.bit("RNW", 99, SECTION, "a read");
    /** Bit 98: an instruction fetch. */
    public static final Field IND = Field.bit("IND", 98, SECTION, "an instruction fetch");
    /** Bit 97: a privileged access. */
    public static final Field PNU = Field.bit("PNU", 97, SECTION, "a privileged access");
    /** Bits 79:64: implementation defined. */
    public static final Field REASON = Field.bits("REASON", 79, 64, SECTION, "implementation defined");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("F_TLB_CONFLICT", SECTION, 256,
            Field.reserved(255, 248, SECTION), IPA, Field.reserved(203, 192, SECTION), INPUTADDR,
            Field.reserved(127, 104, SECTION), S2, Field.reserved(102, 101, SECTION), NSIPA, RNW, IND, PNU,
            Field.reserved(96, 80, SECTION), REASON, EventRecord.STREAMID, EventRecord.SUBSTREAMID, EventRecord.SSV,
            Field.reserved(10, 8, SECTION), EventRecord.ID);

    /** Size of one. */
    public static final int BYTES = 32;

    private TlbConflictEvent() {
    }
}
