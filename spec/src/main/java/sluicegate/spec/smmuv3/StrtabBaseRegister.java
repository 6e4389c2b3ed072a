package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Stream Table Base Register, {@code SMMU_STRTAB_BASE}. The unit aligns the address to the size of the (first)
 * table. Written while SMMUEN is clear.
 *
 * <pre>
 *   63   62   61 56   55 32
 * +----+----+-------+-------+
 * | 0  | RA |   0   |  ADDR |
 * +----+----+-------+-------+
 *   31 6   5 0
 * +------+-----+
 * | ADDR |  0  |
 * +------+-----+
 * </pre>
 */
public final class StrtabBaseRegister {

    private static final String SECTION = "6.3.24";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x80;

    /** Bit 62: read-allocate hint. */
    public static final Field RA = Field.bit("RA", 62, SECTION, "read-allocate hint");
    /** Bits 55:6: address of the stream table. */
    public static final Field ADDR = Field.address("ADDR", 55, 6, SECTION, "address of the stream table");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_STRTAB_BASE", SECTION, 64,
            Field.reserved(63, 63, SECTION), RA, Field.reserved(61, 56, SECTION), ADDR,
            Field.reserved(5, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private StrtabBaseRegister() {
    }
}
