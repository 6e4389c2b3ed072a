package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Command Queue Producer Register, {@code SMMU_CMDQ_PROD}: where software writes its next command.
 *
 * <pre>
 *   31 20   19 0
 * +-------+------+
 * |   0   |  WR  |
 * +-------+------+
 * </pre>
 */
public final class CmdqProdRegister {

    private static final String SECTION = "6.3.27";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x98;

    /** Bits 19:0: write index with the wrap flag above it. */
    public static final Field WR = Field.bits("WR", 19, 0, SECTION, "write index with the wrap flag above it");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_CMDQ_PROD", SECTION, 32,
            Field.reserved(31, 20, SECTION), WR);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private CmdqProdRegister() {
    }
}
