package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Root entry of scalable mode: one of 256, one for each bus, with two pointers because a table of scalable-mode
 * context entries has room for half a bus.
 *
 * <p>The lower half serves devices 0 to 15, the upper half devices 16 to 31. Bits of the pointers above the host
 * address width are reserved.
 *
 * <pre>
 *   127 96
 * +--------+
 * |  UCTP  |
 * +--------+
 *   95 76   75 65   64
 * +-------+-------+----+
 * |  UCTP |   0   | UP |
 * +-------+-------+----+
 *   63 32
 * +-------+
 * |  LCTP |
 * +-------+
 *   31 12   11 1   0
 * +-------+------+----+
 * |  LCTP |  0   | LP |
 * +-------+------+----+
 * </pre>
 */
public final class ScalableRootEntry {

    private static final String SECTION = "9.2";

    /** Bits 127:76: upper context table pointer: devices 16 to 31. */
    public static final Field UCTP = Field.address("UCTP", 127, 76, SECTION,
            "upper context table pointer: devices 16 to 31");
    /** Bit 64: upper pointer present. */
    public static final Field UP = Field.bit("UP", 64, SECTION, "upper pointer present");
    /** Bits 63:12: lower context table pointer: devices 0 to 15. */
    public static final Field LCTP = Field.address("LCTP", 63, 12, SECTION,
            "lower context table pointer: devices 0 to 15");
    /** Bit 0: lower pointer present. */
    public static final Field LP = Field.bit("LP", 0, SECTION, "lower pointer present");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ScalableRootEntry", SECTION, 128,
            UCTP, Field.reserved(75, 65, SECTION), UP, LCTP, Field.reserved(11, 1, SECTION), LP);

    /** Size of one entry. */
    public static final int BYTES = 16;

    /** How many entries the table has. */
    public static final int COUNT = 256;

    private ScalableRootEntry() {
    }
}
