package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Identification Register 3, {@code SMMU_IDR3}: features that came with later versions.
 *
 * <pre>
 *   31 24    23      22      21    20     19     18     17       16      15     14
 * +-------+-----+---------+-----+------+------+------+------+---------+-----+--------+
 * |   0   | AIE | MTEPERM | THE | S2PO | S2PI | S1PI | EPAN | PASIDTT | DPT | PTWNNC |
 * +-------+-----+---------+-----+------+------+------+------+---------+-----+--------+
 *    13    12 11    10    9     8     7     6    5     4     3      2    1 0
 * +------+-------+-----+-----+-----+------+---+-----+-----+------+-----+-----+
 * | E0PD |  BBML | RIL | STT | FWB | MPAM | 0 | PPS | XNX | PBHA | HAD |  0  |
 * +------+-------+-----+-----+-----+------+---+-----+-----+------+-----+-----+
 * </pre>
 */
public final class Idr3Register {

    private static final String SECTION = "6.3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xC;

    /** Bit 23: stage 1 attribute index extension. */
    public static final Field AIE = Field.bit("AIE", 23, SECTION, "stage 1 attribute index extension");
    /** Bit 22: stage 2 encodings without tag access. */
    public static final Field MTEPERM = Field.bit("MTEPERM", 22, SECTION, "stage 2 encodings without tag access");
    /** Bit 21: translation hardening. */
    public static final Field THE = Field.bit("THE", 21, SECTION, "translation hardening");
    /** Bit 20: stage 2 permission overlays. */
    public static final Field S2PO = Field.bit("S2PO", 20, SECTION, "stage 2 permission overlays");
    /** Bit 19: stage 2 permission indirections. */
    public static final Field S2PI = Field.bit("S2PI", 19, SECTION, "stage 2 permission indirections");
    /** Bit 18: stage 1 permission indirections. */
    public static final Field S1PI = Field.bit("S1PI", 18, SECTION, "stage 1 permission indirections");
    /** Bit 17: enhanced privileged access never. */
    public static final Field EPAN = Field.bit("EPAN", 17, SECTION, "enhanced privileged access never");
    /** Bit 16: translated requests may carry a PASID. */
    public static final Field PASIDTT = Field.bit("PASIDTT", 16, SECTION, "translated requests may carry a PASID");
    /** Bit 15: device permission table. */
    public static final Field DPT = Field.bit("DPT", 15, SECTION, "device permission table");
    /** Bit 14: stage 1 walks through device memory count as non-cacheable. */
    public static final Field PTWNNC = Field.bit("PTWNNC", 14, SECTION,
            "stage 1 walks through device memory count as non-cacheable");
    /** Bit 13: unprivileged access to half of the address space can be disabled. */
    public static final Field E0PD = Field.bit("E0PD", 13, SECTION,
            "unprivileged access to half of the address space can be disabled");
    /** Bits 12:11: break-before-make level, 0 to 2. */
    public static final Field BBML = Field.bits("BBML", 12, 11, SECTION, "break-before-make level, 0 to 2");
    /** Bit 10: invalidation of ranges, with level hint. */
    public static final Field RIL = Field.bit("RIL", 10, SECTION, "invalidation of ranges, with level hint");
    /** Bit 9: small translation tables. */
    public static final Field STT = Field.bit("STT", 9, SECTION, "small translation tables");
    /** Bit 8: stage 2 can force the memory type. */
    public static final Field FWB = Field.bit("FWB", 8, SECTION, "stage 2 can force the memory type");
    /** Bit 7: memory partitioning and monitoring. */
    public static final Field MPAM = Field.bit("MPAM", 7, SECTION, "memory partitioning and monitoring");
    /** Bit 5: automatic PRI responses always carry the PASID of the request. */
    public static final Field PPS = Field.bit("PPS", 5, SECTION,
            "automatic PRI responses always carry the PASID of the request");
    /** Bit 4: stage 2 execute-never by exception level. */
    public static final Field XNX = Field.bit("XNX", 4, SECTION, "stage 2 execute-never by exception level");
    /** Bit 3: page-based hardware attributes. */
    public static final Field PBHA = Field.bit("PBHA", 3, SECTION, "page-based hardware attributes");
    /** Bit 2: hierarchical attributes can be disabled. */
    public static final Field HAD = Field.bit("HAD", 2, SECTION, "hierarchical attributes can be disabled");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_IDR3", SECTION, 32,
            Field.reserved(31, 24, SECTION), AIE, MTEPERM, THE, S2PO, S2PI, S1PI, EPAN, PASIDTT, DPT, PTWNNC, E0PD,
            BBML, RIL, STT, FWB, MPAM, Field.reserved(6, 6, SECTION), PPS, XNX, PBHA, HAD,
            Field.reserved(1, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private Idr3Register() {
    }
}
