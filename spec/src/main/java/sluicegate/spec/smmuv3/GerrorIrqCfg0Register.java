package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Global Error Interrupt Configuration Register 0, {@code SMMU_GERROR_IRQ_CFG0}: where its message goes.
 *
 * <pre>
 *   63 56   55 32
 * +-------+-------+
 * |   0   |  ADDR |
 * +-------+-------+
 *   31 2   1 0
 * +------+-----+
 * | ADDR |  0  |
 * +------+-----+
 * </pre>
 */
public final class GerrorIrqCfg0Register {

    private static final String SECTION = "6.3.21";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x68;

    /** Bits 55:2: address of the message; 0 sends none. */
    public static final Field ADDR = Field.address("ADDR", 55, 2, SECTION, "address of the message; 0 sends none");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_GERROR_IRQ_CFG0", SECTION, 64,
            Field.reserved(63, 56, SECTION), ADDR, Field.reserved(1, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private GerrorIrqCfg0Register() {
    }
}
