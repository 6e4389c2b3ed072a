package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Entry of a GCR3 table: of its lowest level, where a guest page table begins; of the others, the next table.
 *
 * <p>A table of 4 KiB is indexed by nine bits of the PASID: the lowest level by bits 8:0, then 17:9, then those
 * above. What the lowest level points to is a guest physical address.
 *
 * <pre>
 *   63 52   51 32
 * +-------+-------+
 * |   0   |  CR3  |
 * +-------+-------+
 *   31 12   11 1   0
 * +-------+------+---+
 * |  CR3  |  0   | V |
 * +-------+------+---+
 * </pre>
 */
public final class Gcr3Entry {

    private static final String SECTION = "2.2.6.3";

    /** Bits 51:12: topmost guest table, or the next GCR3 table. */
    public static final Field CR3 = Field.address("CR3", 51, 12, SECTION,
            "topmost guest table, or the next GCR3 table");
    /** Bit 0: valid. */
    public static final Field V = Field.bit("V", 0, SECTION, "valid");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("Gcr3Entry", SECTION, 64,
            Field.reserved(63, 52, SECTION), CR3, Field.reserved(11, 1, SECTION), V);

    /** Size of one entry. */
    public static final int BYTES = 8;

    /** How many entries a table has. */
    public static final int COUNT = 512;

    private Gcr3Entry() {
    }

    /** Which entry of a table serves a PASID; level 0 is the lowest. */
    public static int index(int pasid, int level) {
        return pasid >>> 9 * level & COUNT - 1;
    }
}
