package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Invalidation Wait Descriptor, {@code inv_wait_dsc}: tells software that everything before it is done.
 *
 * <p>The low four bits of the type are TYPE; TYPE_HI is zero for all types below 16.
 *
 * <pre>
 *   127 96
 * +--------+
 * | STADDR |
 * +--------+
 *   95  66   65 64
 * +--------+-------+
 * | STADDR |   0   |
 * +--------+-------+
 *   63  32
 * +--------+
 * | STDATA |
 * +--------+
 *   31 12   11    9   8   7    6    5    4    3  0
 * +-------+---------+---+----+----+----+----+------+
 * |   0   | TYPE_HI | 0 | PD | FN | SW | IF | TYPE |
 * +-------+---------+---+----+----+----+----+------+
 * </pre>
 */
public final class InvalidationWaitDescriptor {

    private static final String SECTION = "6.5.2.8";

    /** Bits 127:66: status address. */
    public static final Field STADDR = Field.address("STADDR", 127, 66, SECTION, "status address");
    /** Bits 63:32: status data, written to the status address. */
    public static final Field STDATA = Field.bits("STDATA", 63, 32, SECTION,
            "status data, written to the status address");
    /** Bits 11:9: upper bits of the descriptor type. */
    public static final Field TYPE_HI = Field.bits("TYPE_HI", 11, 9, SECTION, "upper bits of the descriptor type");
    /** Bit 7: drain page requests first. */
    public static final Field PD = Field.bit("PD", 7, SECTION, "drain page requests first");
    /** Bit 6: fence: descriptors after this one wait for those before it. */
    public static final Field FN = Field.bit("FN", 6, SECTION,
            "fence: descriptors after this one wait for those before it");
    /** Bit 5: write the status data. */
    public static final Field SW = Field.bit("SW", 5, SECTION, "write the status data");
    /** Bit 4: raise the invalidation event. */
    public static final Field IF = Field.bit("IF", 4, SECTION, "raise the invalidation event");
    /** Bits 3:0: descriptor type, 5h. */
    public static final Field TYPE = Field.bits("TYPE", 3, 0, SECTION, "descriptor type, 5h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("inv_wait_dsc", SECTION, 128,
            STADDR, Field.reserved(65, 64, SECTION), STDATA, Field.reserved(31, 12, SECTION), TYPE_HI,
            Field.reserved(8, 8, SECTION), PD, FN, SW, IF, TYPE);

    /** Size of one descriptor. */
    public static final int BYTES = 16;

    private InvalidationWaitDescriptor() {
    }
}
