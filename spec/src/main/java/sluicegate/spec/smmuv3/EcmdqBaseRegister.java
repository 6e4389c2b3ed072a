package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Enhanced Command Queue Base Register n, {@code SMMU_ECMDQ_BASEn}: as {@link CmdqBaseRegister}, of one queue in a
 * control page. Written while the queue is off.
 *
 * <pre>
 *   63   62   61 56   55 32
 * +----+----+-------+-------+
 * | 0  | RA |   0   |  ADDR |
 * +----+----+-------+-------+
 *   31 5     4 0
 * +------+----------+
 * | ADDR | LOG2SIZE |
 * +------+----------+
 * </pre>
 */
public final class EcmdqBaseRegister {

    private static final String SECTION = "6.3.107";

    /** Where it is, from the queue's place in its control page. */
    public static final int OFFSET = 0x0;

    /** Bit 62: read-allocate hint. */
    public static final Field RA = Field.bit("RA", 62, SECTION, "read-allocate hint");
    /** Bits 55:5: address of the queue. */
    public static final Field ADDR = Field.address("ADDR", 55, 5, SECTION, "address of the queue");
    /** Bits 4:0: log2 of the number of entries. */
    public static final Field LOG2SIZE = Field.bits("LOG2SIZE", 4, 0, SECTION, "log2 of the number of entries");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_ECMDQ_BASE", SECTION, 64,
            Field.reserved(63, 63, SECTION), RA, Field.reserved(61, 56, SECTION), ADDR, LOG2SIZE);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private EcmdqBaseRegister() {
    }
}
