package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Status Register, {@code SMMU_STATUSR}.
 *
 * <pre>
 *   31 1      0
 * +------+---------+
 * |  0   | DORMANT |
 * +------+---------+
 * </pre>
 */
public final class StatusRegister {

    private static final String SECTION = "6.3.13";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x40;

    /** Bit 0: nothing is cached. */
    public static final Field DORMANT = Field.bit("DORMANT", 0, SECTION, "nothing is cached");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_STATUSR", SECTION, 32,
            Field.reserved(31, 1, SECTION), DORMANT);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private StatusRegister() {
    }
}
