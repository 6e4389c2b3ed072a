package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Command Queue Control Page Status Register n, {@code SMMU_CMDQ_CONTROL_PAGE_STATUSn}. Read-only. There are as many as
 * there are {@link CmdqControlPageBaseRegister}s, as far apart.
 *
 * <pre>
 *   31 1     0
 * +------+-------+
 * |   0  | ENACK |
 * +------+-------+
 * </pre>
 */
public final class CmdqControlPageStatusRegister {

    private static final String SECTION = "6.3.51";

    /** Where the first one is in the unit's register window. */
    public static final int OFFSET = 0x400C;

    /** Bit 0: the control page is on. */
    public static final Field ENACK = Field.bit("ENACK", 0, SECTION, "the control page is on");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_CMDQ_CONTROL_PAGE_STATUS", SECTION, 32,
            Field.reserved(31, 1, SECTION), ENACK);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private CmdqControlPageStatusRegister() {
    }
}
