package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Hardware Event Status Register.
 *
 * <p>Needs {@link ExtendedFeatureRegister#HESUP}. Bits are cleared by writing one.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 2    1     0
 * +------+-----+-----+
 * |  0   | HEO | HEV |
 * +------+-----+-----+
 * </pre>
 */
public final class HardwareEventStatusRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0050;

    /** Bit 1: another event came while one was held. */
    public static final Field HEO = Field.bit("HEO", 1, SECTION, "another event came while one was held");
    /** Bit 0: the hardware event registers hold an event. */
    public static final Field HEV = Field.bit("HEV", 0, SECTION, "the hardware event registers hold an event");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("HwEventStatus", SECTION, 64,
            Field.reserved(63, 2, SECTION), HEO, HEV);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private HardwareEventStatusRegister() {
    }
}
