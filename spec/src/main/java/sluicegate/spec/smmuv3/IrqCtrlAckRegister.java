package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Interrupt Control Acknowledge Register, {@code SMMU_IRQ_CTRLACK}: which values of {@link IrqCtrlRegister} are in
 * force.
 *
 * <pre>
 *   31 3        2             1             0
 * +------+--------------+------------+--------------+
 * |  0   | EVENTQ_IRQEN | PRIQ_IRQEN | GERROR_IRQEN |
 * +------+--------------+------------+--------------+
 * </pre>
 */
public final class IrqCtrlAckRegister {

    private static final String SECTION = "6.3.18";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x54;

    /** Bit 2: event queue interrupts enabled, acknowledged. */
    public static final Field EVENTQ_IRQEN = Field.bit("EVENTQ_IRQEN", 2, SECTION,
            "event queue interrupts enabled, acknowledged");
    /** Bit 1: PRI queue interrupts enabled, acknowledged. */
    public static final Field PRIQ_IRQEN = Field.bit("PRIQ_IRQEN", 1, SECTION,
            "PRI queue interrupts enabled, acknowledged");
    /** Bit 0: global error interrupts enabled, acknowledged. */
    public static final Field GERROR_IRQEN = Field.bit("GERROR_IRQEN", 0, SECTION,
            "global error interrupts enabled, acknowledged");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_IRQ_CTRLACK", SECTION, 32,
            Field.reserved(31, 3, SECTION), EVENTQ_IRQEN, PRIQ_IRQEN, GERROR_IRQEN);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private IrqCtrlAckRegister() {
    }
}
