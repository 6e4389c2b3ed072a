package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Invalidation Queue Address Register, {@code IQA_REG}: where the invalidation queue is and how large.
 *
 * <pre>
 *   63 32
 * +-------+
 * |  IQA  |
 * +-------+
 *   31 12   11   10 3   2 0
 * +-------+----+------+-----+
 * |  IQA  | DW |  0   |  QS |
 * +-------+----+------+-----+
 * </pre>
 */
public final class InvalidationQueueAddressRegister {

    private static final String SECTION = "11.4.9";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x90;

    /** Bits 63:12: invalidation queue base address. */
    public static final Field IQA = Field.address("IQA", 63, 12, SECTION, "invalidation queue base address");
    /** Bit 11: descriptor width: 0 for 128 bits, 1 for 256. */
    public static final Field DW = Field.bit("DW", 11, SECTION, "descriptor width: 0 for 128 bits, 1 for 256");
    /** Bits 2:0: queue size: 2 to that power pages of 4 KiB. */
    public static final Field QS = Field.bits("QS", 2, 0, SECTION, "queue size: 2 to that power pages of 4 KiB");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IQA_REG", SECTION, 64,
            IQA, DW, Field.reserved(10, 3, SECTION), QS);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private InvalidationQueueAddressRegister() {
    }

    /** How many bytes the queue has. */
    public static int queueBytes(long iqa) {
        return 4096 << (int) QS.get(iqa);
    }

    /** How many bytes a descriptor has. */
    public static int descriptorBytes(long iqa) {
        return 16 << (int) DW.get(iqa);
    }
}
