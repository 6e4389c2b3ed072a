package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Completes when all commands before it have.
 *
 * <pre>
 *   127 120     119 96
 * +---------+------------+
 * |    0    | MSIADDRESS |
 * +---------+------------+
 *     95 66      65 64
 * +------------+-------+
 * | MSIADDRESS |   0   |
 * +------------+-------+
 *    63 32
 * +---------+
 * | MSIDATA |
 * +---------+
 *   31 28    27 24    23 22   21 14   13 12   11 8    7 0
 * +-------+---------+-------+-------+-------+------+--------+
 * |   0   | MSIATTR |  MSH  |   0   |   CS  |  0   | OPCODE |
 * +-------+---------+-------+-------+-------+------+--------+
 * </pre>
 */
public final class SyncCommand {

    private static final String SECTION = "4.7.3";

    /** Bits 119:66: address of the message; 0 sends none. */
    public static final Field MSIADDRESS = Field.address("MSIADDRESS", 119, 66, SECTION,
            "address of the message; 0 sends none");
    /** Bits 63:32: data of the message. */
    public static final Field MSIDATA = Field.bits("MSIDATA", 63, 32, SECTION, "data of the message");
    /** Bits 27:24: memory type of the message. */
    public static final Field MSIATTR = Field.bits("MSIATTR", 27, 24, SECTION, "memory type of the message");
    /** Bits 23:22: shareability of the message. */
    public static final Field MSH = Field.bits("MSH", 23, 22, SECTION, "shareability of the message");
    /** Bits 13:12: signal: 0 none, 1 interrupt, 2 event. */
    public static final Field CS = Field.bits("CS", 13, 12, SECTION, "signal: 0 none, 1 interrupt, 2 event");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CMD_SYNC", SECTION, 128,
            Field.reserved(127, 120, SECTION), MSIADDRESS, Field.reserved(65, 64, SECTION), MSIDATA,
            Field.reserved(31, 28, SECTION), MSIATTR, MSH, Field.reserved(21, 14, SECTION), CS,
            Field.reserved(11, 8, SECTION), CommandOpcode.OPCODE);

    /** Size of one. */
    public static final int BYTES = 16;

    /** {@link #CS}: none. */
    public static final int CS_NONE = 0b00;

    /** {@link #CS}: an interrupt, or a message where MSIADDRESS says. */
    public static final int CS_IRQ = 0b01;

    /** {@link #CS}: an event to processors that wait. */
    public static final int CS_SEV = 0b10;

    private SyncCommand() {
    }
}
