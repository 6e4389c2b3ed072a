package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Enhanced Command Queue Consumer Register n, {@code SMMU_ECMDQ_CONSn}: where the unit reads its next command, whether
 * the queue is on, and its error. An error is active while ERR differs from {@link EcmdqProdRegister#ERRACK}; the unit toggles it
 * here. Written while the queue is off. ENACK and ERR are 0 out of reset.
 *
 * <pre>
 *     31    30 27     26 24      23    22 20   19 0
 * +-------+-------+------------+-----+-------+------+
 * | ENACK |   0   | ERR_REASON | ERR |   0   |  RD  |
 * +-------+-------+------------+-----+-------+------+
 * </pre>
 */
public final class EcmdqConsRegister {

    private static final String SECTION = "6.3.109";

    /** Where it is, from the queue's place in its control page. */
    public static final int OFFSET = 0xC;

    /** Bit 31: the queue is on. */
    public static final Field ENACK = Field.bit("ENACK", 31, SECTION, "the queue is on");
    /** Bits 26:24: why the queue stopped, see CommandError. */
    public static final Field ERR_REASON = Field.bits("ERR_REASON", 26, 24, SECTION,
            "why the queue stopped, see CommandError");
    /** Bit 23: differs from SMMU_ECMDQ_PRODn.ERRACK while the queue has stopped for an error. */
    public static final Field ERR = Field.bit("ERR", 23, SECTION,
            "differs from SMMU_ECMDQ_PRODn.ERRACK while the queue has stopped for an error");
    /** Bits 19:0: read index with the wrap flag above it. */
    public static final Field RD = Field.bits("RD", 19, 0, SECTION, "read index with the wrap flag above it");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_ECMDQ_CONS", SECTION, 32,
            ENACK, Field.reserved(30, 27, SECTION), ERR_REASON, ERR, Field.reserved(22, 20, SECTION), RD);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private EcmdqConsRegister() {
    }
}
