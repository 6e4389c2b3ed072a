package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * A virtual machine structure could not be fetched.
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
public final class VmsFetchEvent {

    private static final String SECTION = "7.3.20";

    /** Bits 247:195: physical address that was fetched from. */
    public static final Field FETCHADDR = Field.address("FETCHADDR", 247, 195, SECTION,
            "physical address that was fetched from");
    /** Bit 80: a granule protection check failed. */
    public static final Field GPCF = Field.bit("GPCF", 80, SECTION, "a granule protection check failed");
    /** Bits 79:64: implementation defined. */
    public static final Field REASON = Field.bits("REASON", 79, 64, SECTION, "implementation defined");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("F_VMS_FETCH", SECTION, 256,
            Field.reserved(255, 248, SECTION), FETCHADDR, Field.reserved(194, 192, SECTION),
            Field.reserved(191, 128, SECTION), Field.reserved(127, 81, SECTION), GPCF, REASON, EventRecord.STREAMID,
            EventRecord.SUBSTREAMID, EventRecord.SSV, Field.reserved(10, 8, SECTION), EventRecord.ID);

    /** Size of one. */
    public static final int BYTES = 32;

    private VmsFetchEvent() {
    }
}
