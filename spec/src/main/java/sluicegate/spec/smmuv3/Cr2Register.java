package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Control Register 2, {@code SMMU_CR2}. Read-only while SMMUEN is set.
 *
 * <pre>
 *   31 4        3         2        1        0
 * +------+-------------+-----+-----------+-----+
 * |  0   | REC_CFG_ATS | PTM | RECINVSID | E2H |
 * +------+-------------+-----+-----------+-----+
 * </pre>
 */
public final class Cr2Register {

    private static final String SECTION = "6.3.12";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2C;

    /** Bit 3: record configuration errors of ATS and PRI requests. */
    public static final Field REC_CFG_ATS = Field.bit("REC_CFG_ATS", 3, SECTION,
            "record configuration errors of ATS and PRI requests");
    /** Bit 2: take no part in broadcast TLB maintenance. */
    public static final Field PTM = Field.bit("PTM", 2, SECTION, "take no part in broadcast TLB maintenance");
    /** Bit 1: record C_BAD_STREAMID. */
    public static final Field RECINVSID = Field.bit("RECINVSID", 1, SECTION, "record C_BAD_STREAMID");
    /** Bit 0: EL2 streams use the EL2-E2H regime, with ASIDs. */
    public static final Field E2H = Field.bit("E2H", 0, SECTION, "EL2 streams use the EL2-E2H regime, with ASIDs");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_CR2", SECTION, 32,
            Field.reserved(31, 4, SECTION), REC_CFG_ATS, PTM, RECINVSID, E2H);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private Cr2Register() {
    }
}
