package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Command Queue Control Page Base Register n, {@code SMMU_CMDQ_CONTROL_PAGE_BASEn}: where a page with enhanced command
 * queues is in the unit's register window. There are as many as {@link Idr6Register} says, {@link #STRIDE} bytes apart; the
 * pages follow each other without gaps.
 *
 * <pre>
 *   63 56   55 16   15 3      2 1              0
 * +-------+-------+------+--------+--------------------------+
 * |   0   |  ADDR |   0  | CMDQGS | CMDQ_CONTROL_PAGE_PRESET |
 * +-------+-------+------+--------+--------------------------+
 * </pre>
 */
public final class CmdqControlPageBaseRegister {

    private static final String SECTION = "6.3.49";

    /** Where the first one is in the unit's register window. */
    public static final int OFFSET = 0x4000;

    /** Bytes from this register of one page to that of the next. */
    public static final int STRIDE = 32;

    /** Bytes of a page; its queues are spaced evenly over it (6.2.5). */
    public static final int PAGE_BYTES = 0x10000;

    /** Bits 55:16: offset of the page from the unit's first register. */
    public static final Field ADDR = Field.address("ADDR", 55, 16, SECTION,
            "offset of the page from the unit's first register");
    /** Bits 2:1: size of the page: 1 for 64 KiB. */
    public static final Field CMDQGS = Field.bits("CMDQGS", 2, 1, SECTION, "size of the page: 1 for 64 KiB");
    /** Bit 0: the queues' controls are registers and not memory. */
    public static final Field CMDQ_CONTROL_PAGE_PRESET = Field.bit("CMDQ_CONTROL_PAGE_PRESET", 0, SECTION,
            "the queues' controls are registers and not memory");

    /** The value of {@link #CMDQGS} for 64 KiB, the only one that there is. */
    public static final int CMDQGS_64K = 0b01;

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_CMDQ_CONTROL_PAGE_BASE", SECTION, 64,
            Field.reserved(63, 56, SECTION), ADDR, Field.reserved(15, 3, SECTION), CMDQGS, CMDQ_CONTROL_PAGE_PRESET);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private CmdqControlPageBaseRegister() {
    }
}
