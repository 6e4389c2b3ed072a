package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Hardware Event Upper Register: the first word of an event that could not be logged.
 *
 * <p>Needs {@link ExtendedFeatureRegister#HESUP}.
 *
 * <pre>
 *   63 32
 * +-------+
 * | EVENT |
 * +-------+
 *    31 0
 * +-------+
 * | EVENT |
 * +-------+
 * </pre>
 */
public final class HardwareEventUpperRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0040;

    /** Bits 63:0: first word of the event. */
    public static final Field EVENT = Field.bits("EVENT", 63, 0, SECTION, "first word of the event");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("HwEventHi", SECTION, 64,
            EVENT);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private HardwareEventUpperRegister() {
    }
}
