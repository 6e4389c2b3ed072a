package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * INVALIDATE_DEVTAB_ENTRY: forgets the device table entry of one device.
 *
 * <pre>
 *   127 64
 * +--------+
 * |   0    |
 * +--------+
 *   63 60    59 32
 * +--------+-------+
 * | OPCODE |   0   |
 * +--------+-------+
 *   31 16     15 0
 * +-------+----------+
 * |   0   | DEVICEID |
 * +-------+----------+
 * </pre>
 */
public final class InvalidateDevTabEntryCommand {

    private static final String SECTION = "2.4.2";

    /** Bits 15:0: device id. */
    public static final Field DEVICEID = Field.bits("DEVICEID", 15, 0, SECTION, "device id");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("INVALIDATE_DEVTAB_ENTRY", SECTION, 128,
            Field.reserved(127, 64, SECTION), CommandRecord.OPCODE, Field.reserved(59, 16, SECTION),
            DEVICEID);

    /** Size of one command. */
    public static final int BYTES = 16;

    private InvalidateDevTabEntryCommand() {
    }
}
