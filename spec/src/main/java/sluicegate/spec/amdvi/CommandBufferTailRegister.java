package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Command Buffer Tail Pointer Register: where software writes the next command.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19      18 4      3 0
 * +-------+------------+-----+
 * |   0   | CMDTAILPTR |  0  |
 * +-------+------------+-----+
 * </pre>
 */
public final class CommandBufferTailRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2008;

    /** Bits 18:4: byte offset after the last command. */
    public static final Field CMDTAILPTR = Field.address("CMDTAILPTR", 18, 4, SECTION,
            "byte offset after the last command");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CmdBufTail", SECTION, 64,
            Field.reserved(63, 19, SECTION), CMDTAILPTR, Field.reserved(3, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private CommandBufferTailRegister() {
    }
}
