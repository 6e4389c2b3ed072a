package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * MSI Data Register.
 *
 * <p>Needs {@link ExtendedFeatureRegister#MSICAPMMIOSUP}.
 *
 * <pre>
 *   31 16   15 0
 * +-------+------+
 * |   0   | DATA |
 * +-------+------+
 * </pre>
 */
public final class MsiDataRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0164;

    /** Bits 15:0: message data. */
    public static final Field DATA = Field.bits("DATA", 15, 0, SECTION, "message data");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("MsiData", SECTION, 32,
            Field.reserved(31, 16, SECTION), DATA);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private MsiDataRegister() {
    }
}
