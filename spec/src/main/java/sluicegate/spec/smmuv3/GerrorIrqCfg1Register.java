package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Global Error Interrupt Configuration Register 1, {@code SMMU_GERROR_IRQ_CFG1}: the data of its message.
 *
 * <pre>
 *   31 0
 * +------+
 * | DATA |
 * +------+
 * </pre>
 */
public final class GerrorIrqCfg1Register {

    private static final String SECTION = "6.3.22";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x70;

    /** Bits 31:0: data of the message. */
    public static final Field DATA = Field.bits("DATA", 31, 0, SECTION, "data of the message");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_GERROR_IRQ_CFG1", SECTION, 32,
            DATA);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private GerrorIrqCfg1Register() {
    }
}
