package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Alternate Global Bypass Attribute Register, {@code SMMU_AGBPA}: implementation defined.
 *
 * <pre>
 *    31 0
 * +--------+
 * | IMPDEF |
 * +--------+
 * </pre>
 */
public final class AgbpaRegister {

    private static final String SECTION = "6.3.15";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x48;

    /** Bits 31:0: implementation defined. */
    public static final Field IMPDEF = Field.bits("IMPDEF", 31, 0, SECTION, "implementation defined");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_AGBPA", SECTION, 32,
            IMPDEF);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private AgbpaRegister() {
    }
}
