package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Global Bypass Attribute Register, {@code SMMU_GBPA}: what happens to requests while SMMUEN is clear.
 *
 * <p>Written as a whole with UPDATE set, when UPDATE reads as zero; the unit clears UPDATE when the values are in
 * force.
 *
 * <pre>
 *     31     30 21     20     19 18     17 16    15 14   13 12     11 8     7 5     4       3 0
 * +--------+-------+-------+---------+---------+-------+-------+----------+-----+-------+---------+
 * | UPDATE |   0   | ABORT | INSTCFG | PRIVCFG |   0   | SHCFG | ALLOCCFG |  0  | MTCFG | MEMATTR |
 * +--------+-------+-------+---------+---------+-------+-------+----------+-----+-------+---------+
 * </pre>
 */
public final class GbpaRegister {

    private static final String SECTION = "6.3.14";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x44;

    /** Bit 31: update requested; cleared by the unit when it is complete. */
    public static final Field UPDATE = Field.bit("UPDATE", 31, SECTION,
            "update requested; cleared by the unit when it is complete");
    /** Bit 20: abort all requests. */
    public static final Field ABORT = Field.bit("ABORT", 20, SECTION, "abort all requests");
    /** Bits 19:18: instruction attribute: 0 as it came, 2 data, 3 instruction. */
    public static final Field INSTCFG = Field.bits("INSTCFG", 19, 18, SECTION,
            "instruction attribute: 0 as it came, 2 data, 3 instruction");
    /** Bits 17:16: privilege attribute: 0 as it came, 2 unprivileged, 3 privileged. */
    public static final Field PRIVCFG = Field.bits("PRIVCFG", 17, 16, SECTION,
            "privilege attribute: 0 as it came, 2 unprivileged, 3 privileged");
    /** Bits 13:12: shareability: 1 as it came. */
    public static final Field SHCFG = Field.bits("SHCFG", 13, 12, SECTION, "shareability: 1 as it came");
    /** Bits 11:8: allocation hints: 0 to 7 as they came. */
    public static final Field ALLOCCFG = Field.bits("ALLOCCFG", 11, 8, SECTION,
            "allocation hints: 0 to 7 as they came");
    /** Bit 4: use MEMATTR. */
    public static final Field MTCFG = Field.bit("MTCFG", 4, SECTION, "use MEMATTR");
    /** Bits 3:0: memory type. */
    public static final Field MEMATTR = Field.bits("MEMATTR", 3, 0, SECTION, "memory type");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_GBPA", SECTION, 32,
            UPDATE, Field.reserved(30, 21, SECTION), ABORT, INSTCFG, PRIVCFG, Field.reserved(15, 14, SECTION),
            SHCFG, ALLOCCFG, Field.reserved(7, 5, SECTION), MTCFG, MEMATTR);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private GbpaRegister() {
    }
}
