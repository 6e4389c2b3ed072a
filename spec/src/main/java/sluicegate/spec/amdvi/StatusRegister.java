package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * IOMMU Status Register.
 *
 * <p>Overflow and interrupt bits are cleared by writing one, the others are read-only.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 19         18                17               16               15         14 13        12
 * +-------+----------------+-----------------+----------------+----------------+-------+--------------+
 * |   0   | PPROVRFLWEARLY | PPROVRFLWEARLYB | EVENTLOGACTIVE | EVENTOVERFLOWB |   0   | PPRLOGACTIVE |
 * +-------+----------------+-----------------+----------------+----------------+-------+--------------+
 *        11          10         9           8           7         6           5            4            3
 * +--------------+-------+-------------+----------+-----------+--------+-------------+-----------+-------------+
 * | PPROVERFLOWB | GAINT | GALOVERFLOW | GALOGRUN | PPRLOGRUN | PPRINT | PPROVERFLOW | CMDBUFRUN | EVENTLOGRUN |
 * +--------------+-------+-------------+----------+-----------+--------+-------------+-----------+-------------+
 *       2             1              0
 * +------------+-------------+---------------+
 * | COMWAITINT | EVENTLOGINT | EVENTOVERFLOW |
 * +------------+-------------+---------------+
 * </pre>
 */
public final class StatusRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2020;

    /** Bit 18: the PPR log passed its early-warning threshold. */
    public static final Field PPROVRFLWEARLY = Field.bit("PPROVRFLWEARLY", 18, SECTION,
            "the PPR log passed its early-warning threshold");
    /** Bit 17: the second PPR log passed its early-warning threshold. */
    public static final Field PPROVRFLWEARLYB = Field.bit("PPROVRFLWEARLYB", 17, SECTION,
            "the second PPR log passed its early-warning threshold");
    /** Bit 16: which of the dual event logs is written. */
    public static final Field EVENTLOGACTIVE = Field.bit("EVENTLOGACTIVE", 16, SECTION,
            "which of the dual event logs is written");
    /** Bit 15: the second event log overflowed. */
    public static final Field EVENTOVERFLOWB = Field.bit("EVENTOVERFLOWB", 15, SECTION,
            "the second event log overflowed");
    /** Bit 12: which of the dual PPR logs is written. */
    public static final Field PPRLOGACTIVE = Field.bit("PPRLOGACTIVE", 12, SECTION,
            "which of the dual PPR logs is written");
    /** Bit 11: the second PPR log overflowed. */
    public static final Field PPROVERFLOWB = Field.bit("PPROVERFLOWB", 11, SECTION, "the second PPR log overflowed");
    /** Bit 10: interrupt of the guest log. */
    public static final Field GAINT = Field.bit("GAINT", 10, SECTION, "interrupt of the guest log");
    /** Bit 9: the guest log overflowed. */
    public static final Field GALOVERFLOW = Field.bit("GALOVERFLOW", 9, SECTION, "the guest log overflowed");
    /** Bit 8: the guest log is written. */
    public static final Field GALOGRUN = Field.bit("GALOGRUN", 8, SECTION, "the guest log is written");
    /** Bit 7: the PPR log is written. */
    public static final Field PPRLOGRUN = Field.bit("PPRLOGRUN", 7, SECTION, "the PPR log is written");
    /** Bit 6: interrupt of the PPR log. */
    public static final Field PPRINT = Field.bit("PPRINT", 6, SECTION, "interrupt of the PPR log");
    /** Bit 5: the PPR log overflowed. */
    public static final Field PPROVERFLOW = Field.bit("PPROVERFLOW", 5, SECTION, "the PPR log overflowed");
    /** Bit 4: commands are fetched. */
    public static final Field CMDBUFRUN = Field.bit("CMDBUFRUN", 4, SECTION, "commands are fetched");
    /** Bit 3: the event log is written. */
    public static final Field EVENTLOGRUN = Field.bit("EVENTLOGRUN", 3, SECTION, "the event log is written");
    /** Bit 2: interrupt of a COMPLETION_WAIT. */
    public static final Field COMWAITINT = Field.bit("COMWAITINT", 2, SECTION, "interrupt of a COMPLETION_WAIT");
    /** Bit 1: interrupt of the event log. */
    public static final Field EVENTLOGINT = Field.bit("EVENTLOGINT", 1, SECTION, "interrupt of the event log");
    /** Bit 0: the event log overflowed. */
    public static final Field EVENTOVERFLOW = Field.bit("EVENTOVERFLOW", 0, SECTION, "the event log overflowed");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IommuStatus", SECTION, 64,
            Field.reserved(63, 19, SECTION), PPROVRFLWEARLY, PPROVRFLWEARLYB, EVENTLOGACTIVE,
            EVENTOVERFLOWB, Field.reserved(14, 13, SECTION), PPRLOGACTIVE, PPROVERFLOWB, GAINT,
            GALOVERFLOW, GALOGRUN, PPRLOGRUN, PPRINT, PPROVERFLOW, CMDBUFRUN, EVENTLOGRUN, COMWAITINT,
            EVENTLOGINT, EVENTOVERFLOW);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** The bits that are cleared by writing one. */
    public static final long WRITE_ONE_TO_CLEAR = EVENTOVERFLOW.mask() | EVENTLOGINT.mask() | COMWAITINT.mask()
            | PPROVERFLOW.mask() | PPRINT.mask() | GALOVERFLOW.mask() | GAINT.mask() | PPROVERFLOWB.mask()
            | EVENTOVERFLOWB.mask() | PPROVRFLWEARLYB.mask() | PPROVRFLWEARLY.mask();

    private StatusRegister() {
    }
}
