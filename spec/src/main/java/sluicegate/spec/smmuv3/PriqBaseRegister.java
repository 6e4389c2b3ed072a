package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU PRI Queue Base Register, {@code SMMU_PRIQ_BASE}. The unit aligns the address to the size of the queue. Written
 * while the queue is off.
 *
 * <pre>
 *   63   62   61 56   55 32
 * +----+----+-------+-------+
 * | 0  | WA |   0   |  ADDR |
 * +----+----+-------+-------+
 *   31 5     4 0
 * +------+----------+
 * | ADDR | LOG2SIZE |
 * +------+----------+
 * </pre>
 */
public final class PriqBaseRegister {

    private static final String SECTION = "6.3.33";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xC0;

    /** Bit 62: write-allocate hint. */
    public static final Field WA = Field.bit("WA", 62, SECTION, "write-allocate hint");
    /** Bits 55:5: address of the queue. */
    public static final Field ADDR = Field.address("ADDR", 55, 5, SECTION, "address of the queue");
    /** Bits 4:0: log2 of the number of entries. */
    public static final Field LOG2SIZE = Field.bits("LOG2SIZE", 4, 0, SECTION, "log2 of the number of entries");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_PRIQ_BASE", SECTION, 64,
            Field.reserved(63, 63, SECTION), WA, Field.reserved(61, 56, SECTION), ADDR, LOG2SIZE);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PriqBaseRegister() {
    }
}
