package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU PRI Queue Consumer Register, {@code SMMU_PRIQ_CONS}, in page 1: where software reads its next record.
 *
 * <pre>
 *      31      30 20   19 0
 * +----------+-------+------+
 * | OVACKFLG |   0   |  RD  |
 * +----------+-------+------+
 * </pre>
 */
public final class PriqConsRegister {

    private static final String SECTION = "6.2.2";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x100CC;

    /** Bit 31: overflow acknowledged. */
    public static final Field OVACKFLG = Field.bit("OVACKFLG", 31, SECTION, "overflow acknowledged");
    /** Bits 19:0: read index with the wrap flag above it. */
    public static final Field RD = Field.bits("RD", 19, 0, SECTION, "read index with the wrap flag above it");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_PRIQ_CONS", SECTION, 32,
            OVACKFLG, Field.reserved(30, 20, SECTION), RD);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PriqConsRegister() {
    }
}
