package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Root entry of legacy mode: one of 256, one for each bus.
 *
 * <p>Bits of the pointer above the host address width are reserved.
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
 *   63 32
 * +-------+
 * |  CTP  |
 * +-------+
 *   31 12   11 1   0
 * +-------+------+---+
 * |  CTP  |  0   | P |
 * +-------+------+---+
 * </pre>
 */
public final class RootEntry {

    private static final String SECTION = "9.1";

    /** Bits 63:12: context table pointer. */
    public static final Field CTP = Field.address("CTP", 63, 12, SECTION, "context table pointer");
    /** Bit 0: present. */
    public static final Field P = Field.bit("P", 0, SECTION, "present");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("RootEntry", SECTION, 128,
            Field.reserved(127, 64, SECTION), CTP, Field.reserved(11, 1, SECTION), P);

    /** Size of one entry. */
    public static final int BYTES = 16;

    /** How many entries the table has. */
    public static final int COUNT = 256;

    private RootEntry() {
    }
}
