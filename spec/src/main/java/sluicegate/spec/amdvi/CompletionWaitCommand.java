package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * COMPLETION_WAIT: tells when all earlier commands are done.
 *
 * <pre>
 *   127 96
 * +--------+
 * |  DATA  |
 * +--------+
 *   95 64
 * +-------+
 * |  DATA |
 * +-------+
 *   63 60    59 52   51 32
 * +--------+-------+-------+
 * | OPCODE |   0   | STORE |
 * +--------+-------+-------+
 *    31 3   2   1   0
 * +-------+---+---+---+
 * | STORE | F | I | S |
 * +-------+---+---+---+
 * </pre>
 */
public final class CompletionWaitCommand {

    private static final String SECTION = "2.4.1";

    /** Bits 127:64: what is stored. */
    public static final Field DATA = Field.bits("DATA", 127, 64, SECTION, "what is stored");
    /** Bits 51:3: where DATA is stored. */
    public static final Field STORE = Field.address("STORE", 51, 3, SECTION, "where DATA is stored");
    /** Bit 2: flush: later commands wait for this one. */
    public static final Field F = Field.bit("F", 2, SECTION, "flush: later commands wait for this one");
    /** Bit 1: an interrupt is raised. */
    public static final Field I = Field.bit("I", 1, SECTION, "an interrupt is raised");
    /** Bit 0: DATA is stored. */
    public static final Field S = Field.bit("S", 0, SECTION, "DATA is stored");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("COMPLETION_WAIT", SECTION, 128,
            DATA, CommandRecord.OPCODE, Field.reserved(59, 52, SECTION), STORE, F, I, S);

    /** Size of one command. */
    public static final int BYTES = 16;

    private CompletionWaitCommand() {
    }
}
