package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * A descriptor of a translation table could not be fetched.
 *
 * <pre>
 *   255 248    247 224
 * +---------+-----------+
 * |    0    | FETCHADDR |
 * +---------+-----------+
 *    223 195    194 192
 * +-----------+---------+
 * | FETCHADDR |    0    |
 * +-----------+---------+
 *    191 160
 * +-----------+
 * | INPUTADDR |
 * +-----------+
 *    159 128
 * +-----------+
 * | INPUTADDR |
 * +-----------+
 *   127 106   105 104   103   102 101    100     99    98    97   96
 * +---------+---------+-----+---------+-------+-----+-----+-----+----+
 * |    0    |  CLASS  |  S2 |    0    | NSIPA | RNW | IND | PNU | 0  |
 * +---------+---------+-----+---------+-------+-----+-----+-----+----+
 *   95 81    80    79 64
 * +-------+------+--------+
 * |   0   | GPCF | REASON |
 * +-------+------+--------+
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
public final class WalkAbortEvent {

    private static final String SECTION = "7.3.12";

    /** Bits 247:195: physical address that was fetched from. */
    public static final Field FETCHADDR = Field.address("FETCHADDR", 247, 195, SECTION,
            "physical address that was fetched from");
    /** Bits 191:128: address of the request. */
    public static final Field INPUTADDR = Field.address("INPUTADDR", 191, 128, SECTION, "address of the request");
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
    /** Bit 80: a granule protection check failed. */
    public static final Field GPCF = Field.bit("GPCF", 80, SECTION, "a granule protection check failed");
    /** Bits 79:64: implementation defined. */
    public static final Field REASON = Field.bits("REASON", 79, 64, SECTION, "implementation defined");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("F_WALK_EABT", SECTION, 256,
            Field.reserved(255, 248, SECTION), FETCHADDR, Field.reserved(194, 192, SECTION), INPUTADDR,
            Field.reserved(127, 106, SECTION), CLASS, S2, Field.reserved(102, 101, SECTION), NSIPA, RNW, IND, PNU,
            Field.reserved(96, 81, SECTION), GPCF, REASON, EventRecord.STREAMID, EventRecord.SUBSTREAMID,
            EventRecord.SSV, Field.reserved(10, 8, SECTION), EventRecord.ID);

    /** Size of one. */
    public static final int BYTES = 32;

    private WalkAbortEvent() {
    }
}
