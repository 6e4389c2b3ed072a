package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU PRI Queue Interrupt Configuration Register 2, {@code SMMU_PRIQ_IRQ_CFG2}: how its message is written.
 *
 * <pre>
 *   31   30 6   5 4     3 0
 * +----+------+-----+---------+
 * | LO |  0   |  SH | MEMATTR |
 * +----+------+-----+---------+
 * </pre>
 */
public final class PriqIrqCfg2Register {

    private static final String SECTION = "6.3.36";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xDC;

    /** Bit 31: interrupt only for the last request of a group. */
    public static final Field LO = Field.bit("LO", 31, SECTION, "interrupt only for the last request of a group");
    /** Bits 5:4: shareability. */
    public static final Field SH = Field.bits("SH", 5, 4, SECTION, "shareability");
    /** Bits 3:0: memory type. */
    public static final Field MEMATTR = Field.bits("MEMATTR", 3, 0, SECTION, "memory type");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_PRIQ_IRQ_CFG2", SECTION, 32,
            LO, Field.reserved(30, 6, SECTION), SH, MEMATTR);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PriqIrqCfg2Register() {
    }
}
