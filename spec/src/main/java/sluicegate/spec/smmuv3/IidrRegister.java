package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Implementation Identification Register, {@code SMMU_IIDR}.
 *
 * <pre>
 *     31 20      19 16     15 12         11 0
 * +-----------+---------+----------+-------------+
 * | PRODUCTID | VARIANT | REVISION | IMPLEMENTER |
 * +-----------+---------+----------+-------------+
 * </pre>
 */
public final class IidrRegister {

    private static final String SECTION = "6.3.7";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x18;

    /** Bits 31:20: part. */
    public static final Field PRODUCTID = Field.bits("PRODUCTID", 31, 20, SECTION, "part");
    /** Bits 19:16: variant or major revision. */
    public static final Field VARIANT = Field.bits("VARIANT", 19, 16, SECTION, "variant or major revision");
    /** Bits 15:12: minor revision. */
    public static final Field REVISION = Field.bits("REVISION", 15, 12, SECTION, "minor revision");
    /** Bits 11:0: JEP106 code of the implementer; 43Bh for Arm. */
    public static final Field IMPLEMENTER = Field.bits("IMPLEMENTER", 11, 0, SECTION,
            "JEP106 code of the implementer; 43Bh for Arm");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_IIDR", SECTION, 32,
            PRODUCTID, VARIANT, REVISION, IMPLEMENTER);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private IidrRegister() {
    }
}
