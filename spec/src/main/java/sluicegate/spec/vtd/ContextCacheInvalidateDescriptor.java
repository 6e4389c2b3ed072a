package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Context-cache Invalidate Descriptor, {@code cc_inv_dsc}.
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
 *   63 50   49 48   47 32
 * +-------+-------+-------+
 * |   0   |   FM  |  SID  |
 * +-------+-------+-------+
 *   31 16   15 12   11    9   8 6   5 4   3  0
 * +-------+-------+---------+-----+-----+------+
 * |  DID  |   0   | TYPE_HI |  0  |  G  | TYPE |
 * +-------+-------+---------+-----+-----+------+
 * </pre>
 */
public final class ContextCacheInvalidateDescriptor {

    private static final String SECTION = "6.5.2.1";

    /** Bits 49:48: function mask: how many of the upper bits of the function number to ignore. */
    public static final Field FM = Field.bits("FM", 49, 48, SECTION,
            "function mask: how many of the upper bits of the function number to ignore");
    /** Bits 47:32: source id. */
    public static final Field SID = Field.bits("SID", 47, 32, SECTION, "source id");
    /** Bits 31:16: domain id. */
    public static final Field DID = Field.bits("DID", 31, 16, SECTION, "domain id");
    /** Bits 11:9: upper bits of the descriptor type. */
    public static final Field TYPE_HI = Field.bits("TYPE_HI", 11, 9, SECTION, "upper bits of the descriptor type");
    /** Bits 5:4: granularity. */
    public static final Field G = Field.bits("G", 5, 4, SECTION, "granularity");
    /** Bits 3:0: descriptor type, 1h. */
    public static final Field TYPE = Field.bits("TYPE", 3, 0, SECTION, "descriptor type, 1h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("cc_inv_dsc", SECTION, 128,
            Field.reserved(127, 64, SECTION), Field.reserved(63, 50, SECTION), FM, SID, DID,
            Field.reserved(15, 12, SECTION), TYPE_HI, Field.reserved(8, 6, SECTION), G, TYPE);

    /** Size of one descriptor. */
    public static final int BYTES = 16;

    /** {@link #G}: everything. */
    public static final int GLOBAL = 0b01;

    /** {@link #G}: one domain. */
    public static final int DOMAIN = 0b10;

    /** {@link #G}: one device, with the functions that {@link #FM} adds. */
    public static final int DEVICE = 0b11;

    private ContextCacheInvalidateDescriptor() {
    }
}
