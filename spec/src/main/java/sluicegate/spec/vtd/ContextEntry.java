package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Context entry of legacy mode: one of 256, one for each function of a bus.
 *
 * <p>The fields above bit 63 are taken from the second word. Bits of the pointer above the host address width are
 * reserved. Revisions before 3.2 and Linux call SSPTPTR SLPTPTR.
 *
 * <pre>
 *   127 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 88   87 72   71   70 67   66 64
 * +-------+-------+----+-------+-------+
 * |   0   |  DID  | 0  |  ign  |   AW  |
 * +-------+-------+----+-------+-------+
 *   63   32
 * +---------+
 * | SSPTPTR |
 * +---------+
 *   31   12   11 4   3 2    1    0
 * +---------+------+-----+-----+---+
 * | SSPTPTR |  0   |  TT | FPD | P |
 * +---------+------+-----+-----+---+
 * </pre>
 */
public final class ContextEntry {

    private static final String SECTION = "9.3";

    /** Bits 87:72: domain id. */
    public static final Field DID = Field.bits("DID", 87, 72, SECTION, "domain id");
    /** Bits 66:64: address width, see {@link AddressWidth}. */
    public static final Field AW = Field.bits("AW", 66, 64, SECTION, "address width, see AddressWidth");
    /** Bits 63:12: second-stage page-table pointer. */
    public static final Field SSPTPTR = Field.address("SSPTPTR", 63, 12, SECTION, "second-stage page-table pointer");
    /** Bits 3:2: translation type, see {@link TranslationType}. */
    public static final Field TT = Field.bits("TT", 3, 2, SECTION, "translation type, see TranslationType");
    /** Bit 1: fault processing disable: qualified faults are not recorded. */
    public static final Field FPD = Field.bit("FPD", 1, SECTION,
            "fault processing disable: qualified faults are not recorded");
    /** Bit 0: present. */
    public static final Field P = Field.bit("P", 0, SECTION, "present");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ContextEntry", SECTION, 128,
            Field.reserved(127, 88, SECTION), DID, Field.reserved(71, 71, SECTION), Field.ignored(70, 67, SECTION),
            AW, SSPTPTR, Field.reserved(11, 4, SECTION), TT, FPD, P);

    /** Size of one entry. */
    public static final int BYTES = 16;

    /** How many entries the table has. */
    public static final int COUNT = 256;

    private ContextEntry() {
    }
}
