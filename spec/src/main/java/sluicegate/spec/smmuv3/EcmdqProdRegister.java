package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Enhanced Command Queue Producer Register n, {@code SMMU_ECMDQ_PRODn}: where software writes its next command, and how
 * it switches the queue on and acknowledges errors. EN and ERRACK are 0 out of reset.
 *
 * <pre>
 *   31   30 24     23     22 20   19 0
 * +----+-------+--------+-------+------+
 * | EN |   0   | ERRACK |   0   |  WR  |
 * +----+-------+--------+-------+------+
 * </pre>
 */
public final class EcmdqProdRegister {

    private static final String SECTION = "6.3.108";

    /** Where it is, from the queue's place in its control page. */
    public static final int OFFSET = 0x8;

    /** Bit 31: the queue is to be on. */
    public static final Field EN = Field.bit("EN", 31, SECTION, "the queue is to be on");
    /** Bit 23: acknowledges an error where it is as SMMU_ECMDQ_CONSn.ERR. */
    public static final Field ERRACK = Field.bit("ERRACK", 23, SECTION,
            "acknowledges an error where it is as SMMU_ECMDQ_CONSn.ERR");
    /** Bits 19:0: write index with the wrap flag above it. */
    public static final Field WR = Field.bits("WR", 19, 0, SECTION, "write index with the wrap flag above it");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_ECMDQ_PROD", SECTION, 32,
            EN, Field.reserved(30, 24, SECTION), ERRACK, Field.reserved(22, 20, SECTION), WR);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private EcmdqProdRegister() {
    }
}
