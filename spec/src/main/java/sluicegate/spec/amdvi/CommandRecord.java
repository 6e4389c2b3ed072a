package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * What all commands have in common.
 *
 * <pre>
 *   127 96
 * +--------+
 * |  ign   |
 * +--------+
 *   95 64
 * +-------+
 * |  ign  |
 * +-------+
 *   63 60    59 32
 * +--------+-------+
 * | OPCODE |  ign  |
 * +--------+-------+
 *   31 0
 * +------+
 * | ign  |
 * +------+
 * </pre>
 */
public final class CommandRecord {

    private static final String SECTION = "2.4";

    /** Bits 63:60: which command, see CommandCode. */
    public static final Field OPCODE = Field.bits("OPCODE", 63, 60, SECTION, "which command, see CommandCode");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("command", SECTION, 128,
            Field.ignored(127, 64, SECTION), OPCODE, Field.ignored(59, 0, SECTION));

    /** Size of one command. */
    public static final int BYTES = 16;

    private CommandRecord() {
    }
}
