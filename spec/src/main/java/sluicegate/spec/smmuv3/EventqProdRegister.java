package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Event Queue Producer Register, {@code SMMU_EVENTQ_PROD}, in page 1: where the unit writes its next record.
 * Written while the queue is off.
 *
 * <pre>
 *     31    30 20   19 0
 * +-------+-------+------+
 * | OVFLG |   0   |  WR  |
 * +-------+-------+------+
 * </pre>
 */
public final class EventqProdRegister {

    private static final String SECTION = "6.2.2";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x100A8;

    /** Bit 31: overflow, while it differs from OVACKFLG. */
    public static final Field OVFLG = Field.bit("OVFLG", 31, SECTION, "overflow, while it differs from OVACKFLG");
    /** Bits 19:0: write index with the wrap flag above it. */
    public static final Field WR = Field.bits("WR", 19, 0, SECTION, "write index with the wrap flag above it");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_EVENTQ_PROD", SECTION, 32,
            OVFLG, Field.reserved(30, 20, SECTION), WR);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private EventqProdRegister() {
    }
}
