package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * INVALIDATE_IOMMU_ALL: forgets everything.
 *
 * <p>Needs ExtendedFeatureRegister.IASUP.
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
 *   31 0
 * +------+
 * |  0   |
 * +------+
 * </pre>
 */
public final class InvalidateAllCommand {

    private static final String SECTION = "2.4.8";

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("INVALIDATE_IOMMU_ALL", SECTION, 128,
            Field.reserved(127, 64, SECTION), CommandRecord.OPCODE, Field.reserved(59, 0, SECTION));

    /** Size of one command. */
    public static final int BYTES = 16;

    private InvalidateAllCommand() {
    }
}
