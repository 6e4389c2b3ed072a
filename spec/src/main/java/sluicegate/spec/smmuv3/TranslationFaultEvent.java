package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * The four translation-related faults (7.3.13 to 7.3.16), which have one form. TTRNW is for F_PERMISSION with CLASS 1
 * only; the flags of F_PERMISSION that belong to indirect permissions are not described.
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
 *   127 109    108    107 106   105 104   103   102 101    100     99    98    97   96
 * +---------+-------+---------+---------+-----+---------+-------+-----+-----+-----+----+
 * |    0    | TTRNW |    0    |  CLASS  |  S2 |    0    | NSIPA | RNW | IND | PNU | 0  |
 * +---------+-------+---------+---------+-----+---------+-------+-----+-----+-----+----+
 *     95    94 80   79 64
 * +-------+-------+-------+
 * | STALL |   0   |  STAG |
 * +-------+-------+-------+
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
public final class TranslationFaultEvent {

    private static final String SECTION = "7.3.13";

    /** Bits 247:204: intermediate physical address, at stage 2. */
    public static final Field IPA = Field.address("IPA", 247, 204, SECTION,
            "intermediate physical address, at stage 2");
    /** Bits 191:128: address of the request. */
    public static final Field INPUTADDR = Field.address("INPUTADDR", 191, 128, SECTION, "address of the request");
    /** Bit 108: a read of a stage 1 descriptor faulted, not a write. */
    public static final Field TTRNW = Field.bit("TTRNW", 108, SECTION,
            "a read of a stage 1 descriptor faulted, not a write");
    /** Bits 105:104: at the fetch of 0 a context descriptor, 1 a stage 1 descriptor, 2 nothing: the address itself. */
    public static final Field CLASS = Field.bits("CLASS", 105, 104, SECTION,
            "at the fetch of 0 a context descriptor, 1 a stage 1 descriptor, 2 nothing: the address itself");
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
    /** Bit 95: the transaction is stalled. */
    public static final Field STALL = Field.bit("STALL", 95, SECTION, "the transaction is stalled");
    /** Bits 79:64: stall tag, for CMD_RESUME. */
    public static final Field STAG = Field.bits("STAG", 79, 64, SECTION, "stall tag, for CMD_RESUME");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("F_TRANSLATION, F_ADDR_SIZE, F_ACCESS, F_PERMISSION", SECTION, 256,
            Field.reserved(255, 248, SECTION), IPA, Field.reserved(203, 192, SECTION), INPUTADDR,
            Field.reserved(127, 109, SECTION), TTRNW, Field.reserved(107, 106, SECTION), CLASS, S2,
            Field.reserved(102, 101, SECTION), NSIPA, RNW, IND, PNU, Field.reserved(96, 96, SECTION), STALL,
            Field.reserved(94, 80, SECTION), STAG, EventRecord.STREAMID, EventRecord.SUBSTREAMID, EventRecord.SSV,
            Field.reserved(10, 8, SECTION), EventRecord.ID);

    /** Size of one. */
    public static final int BYTES = 32;

    /** {@link #CLASS}: fetch of a context descriptor. */
    public static final int CLASS_CD = 0b00;

    /** {@link #CLASS}: fetch of a stage 1 descriptor. */
    public static final int CLASS_TT = 0b01;

    /** {@link #CLASS}: the address that the stage was given. */
    public static final int CLASS_IN = 0b10;

    private TranslationFaultEvent() {
    }
}
