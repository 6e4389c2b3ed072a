package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Entry of a PASID directory: points to a table of 64 PASID entries.
 *
 * <p>Bits of the pointer above the host address width are reserved.
 *
 * <pre>
 *     63 32
 * +-----------+
 * | SMPTBLPTR |
 * +-----------+
 *     31 12     11 2    1    0
 * +-----------+------+-----+---+
 * | SMPTBLPTR |  0   | FPD | P |
 * +-----------+------+-----+---+
 * </pre>
 */
public final class PasidDirectoryEntry {

    private static final String SECTION = "9.5";

    /** Bits 63:12: PASID table. */
    public static final Field SMPTBLPTR = Field.address("SMPTBLPTR", 63, 12, SECTION, "PASID table");
    /** Bit 1: fault processing disable: qualified faults are not recorded. */
    public static final Field FPD = Field.bit("FPD", 1, SECTION,
            "fault processing disable: qualified faults are not recorded");
    /** Bit 0: present. */
    public static final Field P = Field.bit("P", 0, SECTION, "present");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PasidDirectoryEntry", SECTION, 64,
            SMPTBLPTR, Field.reserved(11, 2, SECTION), FPD, P);

    /** Size of one entry. */
    public static final int BYTES = 8;

    private PasidDirectoryEntry() {
    }

    /** Which entry of the directory serves a PASID. */
    public static int index(int pasid) {
        return pasid >>> 6;
    }
}
