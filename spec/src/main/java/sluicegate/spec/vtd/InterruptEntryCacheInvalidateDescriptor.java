package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Interrupt Entry Cache Invalidate Descriptor, {@code iec_inv_dsc}.
 *
 * <p>The low four bits of the type are TYPE; TYPE_HI is zero for all types below 16.
 *
 * <pre>
 *   127 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 64
 * +-------+
 * |   0   |
 * +-------+
 *   63 48   47 32
 * +-------+-------+
 * |   0   |  IIDX |
 * +-------+-------+
 *   31 27   26 12   11    9   8 5   4   3  0
 * +-------+-------+---------+-----+---+------+
 * |   IM  |   0   | TYPE_HI |  0  | G | TYPE |
 * +-------+-------+---------+-----+---+------+
 * </pre>
 */
public final class InterruptEntryCacheInvalidateDescriptor {

    private static final String SECTION = "6.5.2.7";

    /** Bits 47:32: index of the first entry. */
    public static final Field IIDX = Field.bits("IIDX", 47, 32, SECTION, "index of the first entry");
    /** Bits 31:27: index mask: 2 to that power entries. */
    public static final Field IM = Field.bits("IM", 31, 27, SECTION, "index mask: 2 to that power entries");
    /** Bits 11:9: upper bits of the descriptor type. */
    public static final Field TYPE_HI = Field.bits("TYPE_HI", 11, 9, SECTION, "upper bits of the descriptor type");
    /** Bit 4: granularity: 0 for everything, 1 for the entries that IIDX and IM name. */
    public static final Field G = Field.bit("G", 4, SECTION,
            "granularity: 0 for everything, 1 for the entries that IIDX and IM name");
    /** Bits 3:0: descriptor type, 4h. */
    public static final Field TYPE = Field.bits("TYPE", 3, 0, SECTION, "descriptor type, 4h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("iec_inv_dsc", SECTION, 128,
            Field.reserved(127, 64, SECTION), Field.reserved(63, 48, SECTION), IIDX, IM,
            Field.reserved(26, 12, SECTION), TYPE_HI, Field.reserved(8, 5, SECTION), G, TYPE);

    /** Size of one descriptor. */
    public static final int BYTES = 16;

    private InterruptEntryCacheInvalidateDescriptor() {
    }
}
