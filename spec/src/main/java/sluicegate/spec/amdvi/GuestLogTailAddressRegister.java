package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Guest Virtual APIC Log Tail Address Register: where the unit also writes the tail of the guest log.
 *
 * <pre>
 *   63 52   51 32
 * +-------+-------+
 * |   0   |  ADDR |
 * +-------+-------+
 *   31 3   2 0
 * +------+-----+
 * | ADDR |  0  |
 * +------+-----+
 * </pre>
 */
public final class GuestLogTailAddressRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x00E8;

    /** Bits 51:3: where the tail is written. */
    public static final Field ADDR = Field.address("ADDR", 51, 3, SECTION, "where the tail is written");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("GaLogTailAddress", SECTION, 64,
            Field.reserved(63, 52, SECTION), ADDR, Field.reserved(2, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private GuestLogTailAddressRegister() {
    }
}
