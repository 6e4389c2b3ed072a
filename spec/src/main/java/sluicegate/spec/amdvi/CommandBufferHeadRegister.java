package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Command Buffer Head Pointer Register: the command that the unit fetches next. Software may write it while the
 * buffer is stopped.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19      18 4      3 0
 * +-------+------------+-----+
 * |   0   | CMDHEADPTR |  0  |
 * +-------+------------+-----+
 * </pre>
 */
public final class CommandBufferHeadRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2000;

    /** Bits 18:4: byte offset of the next command to be fetched. */
    public static final Field CMDHEADPTR = Field.address("CMDHEADPTR", 18, 4, SECTION,
            "byte offset of the next command to be fetched");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CmdBufHead", SECTION, 64,
            Field.reserved(63, 19, SECTION), CMDHEADPTR, Field.reserved(3, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private CommandBufferHeadRegister() {
    }
}
