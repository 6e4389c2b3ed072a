package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Invalidation Queue Error Record Register, {@code IQERCD_REG}: says more about the errors in {@link
 * FaultStatusRegister}.
 *
 * <pre>
 *   63  48   47  32
 * +--------+--------+
 * | ICESID | ITESID |
 * +--------+--------+
 *   31 4   3  0
 * +------+------+
 * |  0   | IQEI |
 * +------+------+
 * </pre>
 */
public final class InvalidationQueueErrorRecordRegister {

    private static final String SECTION = "11.4.9";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0xB0;

    /** Bits 63:48: source id behind ICE. */
    public static final Field ICESID = Field.bits("ICESID", 63, 48, SECTION, "source id behind ICE");
    /** Bits 47:32: source id behind ITE. */
    public static final Field ITESID = Field.bits("ITESID", 47, 32, SECTION, "source id behind ITE");
    /** Bits 3:0: what went wrong with the queue, see {@link InvalidationQueueError}. */
    public static final Field IQEI = Field.bits("IQEI", 3, 0, SECTION,
            "what went wrong with the queue, see InvalidationQueueError");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IQERCD_REG", SECTION, 64,
            ICESID, ITESID, Field.reserved(31, 4, SECTION), IQEI);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private InvalidationQueueErrorRecordRegister() {
    }
}
