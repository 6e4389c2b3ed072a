package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Command Queue Consumer Register, {@code SMMU_CMDQ_CONS}: where the unit reads its next command. Written while
 * the queue is off.
 *
 * <pre>
 *   31   30 24   23 20   19 0
 * +----+-------+-------+------+
 * | 0  |  ERR  |   0   |  RD  |
 * +----+-------+-------+------+
 * </pre>
 */
public final class CmdqConsRegister {

    private static final String SECTION = "6.3.28";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x9C;

    /** Bits 30:24: why the queue stopped, see CommandError. */
    public static final Field ERR = Field.bits("ERR", 30, 24, SECTION, "why the queue stopped, see CommandError");
    /** Bits 19:0: read index with the wrap flag above it. */
    public static final Field RD = Field.bits("RD", 19, 0, SECTION, "read index with the wrap flag above it");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_CMDQ_CONS", SECTION, 32,
            Field.reserved(31, 31, SECTION), ERR, Field.reserved(23, 20, SECTION), RD);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private CmdqConsRegister() {
    }
}
