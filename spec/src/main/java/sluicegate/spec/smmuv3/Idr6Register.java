package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Identification Register 6, {@code SMMU_IDR6}: how many enhanced command queues there are; 0 without {@link
 * Idr1Register#ECMDQ}.
 *
 * <pre>
 *   31 28              27 24              23 20              19 16              15 0
 * +-------+----------------------------+-------+----------------------------+------+
 * |   0   | CMDQ_CONTROL_PAGE_LOG2NUMP |   0   | CMDQ_CONTROL_PAGE_LOG2NUMQ |   0  |
 * +-------+----------------------------+-------+----------------------------+------+
 * </pre>
 */
public final class Idr6Register {

    private static final String SECTION = "6.3.45";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x190;

    /** Bits 27:24: log2 of the number of control pages, at most 8. */
    public static final Field CMDQ_CONTROL_PAGE_LOG2NUMP = Field.bits("CMDQ_CONTROL_PAGE_LOG2NUMP", 27, 24, SECTION,
            "log2 of the number of control pages, at most 8");
    /** Bits 19:16: log2 of the number of queues in each control page, at most 8. */
    public static final Field CMDQ_CONTROL_PAGE_LOG2NUMQ = Field.bits("CMDQ_CONTROL_PAGE_LOG2NUMQ", 19, 16, SECTION,
            "log2 of the number of queues in each control page, at most 8");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_IDR6", SECTION, 32,
            Field.reserved(31, 28, SECTION), CMDQ_CONTROL_PAGE_LOG2NUMP, Field.reserved(23, 20, SECTION),
            CMDQ_CONTROL_PAGE_LOG2NUMQ, Field.reserved(15, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private Idr6Register() {
    }
}
