package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Command Queue Control Page Configuration Register n, {@code SMMU_CMDQ_CONTROL_PAGE_CFGn}. Read-only, because a page
 * of registers is always on. There are as many as there are {@link CmdqControlPageBaseRegister}s, as far apart.
 *
 * <pre>
 *   31 1    0
 * +------+----+
 * |   0  | EN |
 * +------+----+
 * </pre>
 */
public final class CmdqControlPageCfgRegister {

    private static final String SECTION = "6.3.50";

    /** Where the first one is in the unit's register window. */
    public static final int OFFSET = 0x4008;

    /** Bit 0: the control page is on. */
    public static final Field EN = Field.bit("EN", 0, SECTION, "the control page is on");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_CMDQ_CONTROL_PAGE_CFG", SECTION, 32,
            Field.reserved(31, 1, SECTION), EN);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private CmdqControlPageCfgRegister() {
    }
}
