package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Interrupt Control Register, {@code SMMU_IRQ_CTRL}. The registers of a message can be written while its interrupt
 * is disabled.
 *
 * <pre>
 *   31 3        2             1             0
 * +------+--------------+------------+--------------+
 * |  0   | EVENTQ_IRQEN | PRIQ_IRQEN | GERROR_IRQEN |
 * +------+--------------+------------+--------------+
 * </pre>
 */
public final class IrqCtrlRegister {

    private static final String SECTION = "6.3.16";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x50;

    /** Bit 2: event queue interrupts enabled. */
    public static final Field EVENTQ_IRQEN = Field.bit("EVENTQ_IRQEN", 2, SECTION, "event queue interrupts enabled");
    /** Bit 1: PRI queue interrupts enabled. */
    public static final Field PRIQ_IRQEN = Field.bit("PRIQ_IRQEN", 1, SECTION, "PRI queue interrupts enabled");
    /** Bit 0: global error interrupts enabled. */
    public static final Field GERROR_IRQEN = Field.bit("GERROR_IRQEN", 0, SECTION, "global error interrupts enabled");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_IRQ_CTRL", SECTION, 32,
            Field.reserved(31, 3, SECTION), EVENTQ_IRQEN, PRIQ_IRQEN, GERROR_IRQEN);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private IrqCtrlRegister() {
    }
}
