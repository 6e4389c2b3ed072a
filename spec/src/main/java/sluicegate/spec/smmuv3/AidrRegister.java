package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Architecture Identification Register, {@code SMMU_AIDR}: the version of the architecture.
 *
 * <pre>
 *   31 8       7 4            3 0
 * +------+--------------+--------------+
 * |  0   | ARCHMAJORREV | ARCHMINORREV |
 * +------+--------------+--------------+
 * </pre>
 */
public final class AidrRegister {

    private static final String SECTION = "6.3.8";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x1C;

    /** Bits 7:4: 0 for SMMUv3. */
    public static final Field ARCHMAJORREV = Field.bits("ARCHMAJORREV", 7, 4, SECTION, "0 for SMMUv3");
    /** Bits 3:0: 1 for SMMUv3.1 and so on. */
    public static final Field ARCHMINORREV = Field.bits("ARCHMINORREV", 3, 0, SECTION, "1 for SMMUv3.1 and so on");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_AIDR", SECTION, 32,
            Field.reserved(31, 8, SECTION), ARCHMAJORREV, ARCHMINORREV);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private AidrRegister() {
    }
}
