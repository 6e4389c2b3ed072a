package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Context entry of scalable mode: one of 128, one for each function of half a bus. It leads to the PASID directory.
 *
 * <p>DTE, PASIDE, PRE, RID_PASID and RID_PRIV are reserved on units without the capability (ECAP.DT, PASID, PRS, RPS,
 * RPRIVS). Fields above bit 63 are taken from the word that holds them.
 *
 * <pre>
 *   255 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 85      84        83 64
 * +-------+----------+-----------+
 * |   0   | RID_PRIV | RID_PASID |
 * +-------+----------+-----------+
 *      63 32
 * +-------------+
 * | PASIDDIRPTR |
 * +-------------+
 *      31 12      11 9   8 5    4      3       2     1    0
 * +-------------+------+-----+-----+--------+-----+-----+---+
 * | PASIDDIRPTR | PDTS |  0  | PRE | PASIDE | DTE | FPD | P |
 * +-------------+------+-----+-----+--------+-----+-----+---+
 * </pre>
 */
public final class ScalableContextEntry {

    private static final String SECTION = "9.4";

    /** Bit 84: requests without PASID have supervisor privilege. */
    public static final Field RID_PRIV = Field.bit("RID_PRIV", 84, SECTION,
            "requests without PASID have supervisor privilege");
    /** Bits 83:64: PASID that requests without PASID are translated with. */
    public static final Field RID_PASID = Field.bits("RID_PASID", 83, 64, SECTION,
            "PASID that requests without PASID are translated with");
    /** Bits 63:12: PASID directory. */
    public static final Field PASIDDIRPTR = Field.address("PASIDDIRPTR", 63, 12, SECTION, "PASID directory");
    /** Bits 11:9: size of the PASID directory: 2 to the power of 7 + PDTS entries. */
    public static final Field PDTS = Field.bits("PDTS", 11, 9, SECTION,
            "size of the PASID directory: 2 to the power of 7 + PDTS entries");
    /** Bit 4: page requests enabled. */
    public static final Field PRE = Field.bit("PRE", 4, SECTION, "page requests enabled");
    /** Bit 3: requests with PASID enabled. */
    public static final Field PASIDE = Field.bit("PASIDE", 3, SECTION, "requests with PASID enabled");
    /** Bit 2: device TLB enabled: translation requests and translated requests are allowed. */
    public static final Field DTE = Field.bit("DTE", 2, SECTION,
            "device TLB enabled: translation requests and translated requests are allowed");
    /** Bit 1: fault processing disable: qualified faults are not recorded. */
    public static final Field FPD = Field.bit("FPD", 1, SECTION,
            "fault processing disable: qualified faults are not recorded");
    /** Bit 0: present. */
    public static final Field P = Field.bit("P", 0, SECTION, "present");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ScalableContextEntry", SECTION, 256,
            Field.reserved(255, 192, SECTION), Field.reserved(191, 128, SECTION),
            Field.reserved(127, 85, SECTION), RID_PRIV, RID_PASID, PASIDDIRPTR, PDTS,
            Field.reserved(8, 5, SECTION), PRE, PASIDE, DTE, FPD, P);

    /** Size of one entry. */
    public static final int BYTES = 32;

    /** How many entries a table has. */
    public static final int COUNT = 128;

    private ScalableContextEntry() {
    }

    /** How many entries the PASID directory has, from the first word. */
    public static int directoryEntries(long low) {
        return 1 << 7 + (int) PDTS.get(low);
    }
}
