package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Global Error Acknowledge Register, {@code SMMU_GERRORN}. Software acknowledges an error by making its bit equal
 * to the one in {@link GerrorRegister}.
 *
 * <pre>
 *   31 11      10         9          8              7                   6
 * +-------+---------+-----------+---------+--------------------+------------------+
 * |   0   | DPT_ERR | CMDQP_ERR | SFM_ERR | MSI_GERROR_ABT_ERR | MSI_PRIQ_ABT_ERR |
 * +-------+---------+-----------+---------+--------------------+------------------+
 *           5                   4                3               2          1      0
 * +--------------------+------------------+--------------+----------------+---+----------+
 * | MSI_EVENTQ_ABT_ERR | MSI_CMDQ_ABT_ERR | PRIQ_ABT_ERR | EVENTQ_ABT_ERR | 0 | CMDQ_ERR |
 * +--------------------+------------------+--------------+----------------+---+----------+
 * </pre>
 */
public final class GerrorNRegister {

    private static final String SECTION = "6.3.20";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x64;

    /** Bit 10: lookup of the device permission table failed, acknowledged. */
    public static final Field DPT_ERR = Field.bit("DPT_ERR", 10, SECTION,
            "lookup of the device permission table failed, acknowledged");
    /** Bit 9: enhanced command queue error, acknowledged. */
    public static final Field CMDQP_ERR = Field.bit("CMDQP_ERR", 9, SECTION,
            "enhanced command queue error, acknowledged");
    /** Bit 8: service failure mode entered, acknowledged. */
    public static final Field SFM_ERR = Field.bit("SFM_ERR", 8, SECTION, "service failure mode entered, acknowledged");
    /** Bit 7: message for a global error aborted, acknowledged. */
    public static final Field MSI_GERROR_ABT_ERR = Field.bit("MSI_GERROR_ABT_ERR", 7, SECTION,
            "message for a global error aborted, acknowledged");
    /** Bit 6: message for the PRI queue aborted, acknowledged. */
    public static final Field MSI_PRIQ_ABT_ERR = Field.bit("MSI_PRIQ_ABT_ERR", 6, SECTION,
            "message for the PRI queue aborted, acknowledged");
    /** Bit 5: message for the event queue aborted, acknowledged. */
    public static final Field MSI_EVENTQ_ABT_ERR = Field.bit("MSI_EVENTQ_ABT_ERR", 5, SECTION,
            "message for the event queue aborted, acknowledged");
    /** Bit 4: message of a CMD_SYNC aborted, acknowledged. */
    public static final Field MSI_CMDQ_ABT_ERR = Field.bit("MSI_CMDQ_ABT_ERR", 4, SECTION,
            "message of a CMD_SYNC aborted, acknowledged");
    /** Bit 3: access to the PRI queue aborted, acknowledged. */
    public static final Field PRIQ_ABT_ERR = Field.bit("PRIQ_ABT_ERR", 3, SECTION,
            "access to the PRI queue aborted, acknowledged");
    /** Bit 2: access to the event queue aborted, acknowledged. */
    public static final Field EVENTQ_ABT_ERR = Field.bit("EVENTQ_ABT_ERR", 2, SECTION,
            "access to the event queue aborted, acknowledged");
    /** Bit 0: command error, see SMMU_CMDQ_CONS.ERR, acknowledged. */
    public static final Field CMDQ_ERR = Field.bit("CMDQ_ERR", 0, SECTION,
            "command error, see SMMU_CMDQ_CONS.ERR, acknowledged");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_GERRORN", SECTION, 32,
            Field.reserved(31, 11, SECTION), DPT_ERR, CMDQP_ERR, SFM_ERR, MSI_GERROR_ABT_ERR, MSI_PRIQ_ABT_ERR,
            MSI_EVENTQ_ABT_ERR, MSI_CMDQ_ABT_ERR, PRIQ_ABT_ERR, EVENTQ_ABT_ERR, Field.reserved(1, 1, SECTION),
            CMDQ_ERR);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private GerrorNRegister() {
    }
}
