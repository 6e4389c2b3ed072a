package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Fault Status Register, {@code FSTS_REG}: pending faults and errors. Error bits are cleared by writing one.
 *
 * <pre>
 *   31 16   15 8    7     6     5     4     3     2     1     0
 * +-------+------+-----+-----+-----+-----+-----+-----+-----+-----+
 * |   0   | FRI  | PRO | ITE | ICE | IQE | APF | AFO | PPF | PFO |
 * +-------+------+-----+-----+-----+-----+-----+-----+-----+-----+
 * </pre>
 */
public final class FaultStatusRegister {

    private static final String SECTION = "11.4.7.1";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x34;

    /** Bits 15:8: index of the first pending fault recording register. */
    public static final Field FRI = Field.bits("FRI", 15, 8, SECTION,
            "index of the first pending fault recording register");
    /** Bit 7: page request overflow (older revisions; PRS_REG since). */
    public static final Field PRO = Field.bit("PRO", 7, SECTION,
            "page request overflow (older revisions; PRS_REG since)");
    /** Bit 6: invalidation time-out error: a device TLB did not answer. */
    public static final Field ITE = Field.bit("ITE", 6, SECTION,
            "invalidation time-out error: a device TLB did not answer");
    /** Bit 5: invalidation completion error: an unexpected answer came. */
    public static final Field ICE = Field.bit("ICE", 5, SECTION,
            "invalidation completion error: an unexpected answer came");
    /** Bit 4: invalidation queue error: descriptor or queue invalid. */
    public static final Field IQE = Field.bit("IQE", 4, SECTION,
            "invalidation queue error: descriptor or queue invalid");
    /** Bit 3: advanced fault log has a fault. */
    public static final Field APF = Field.bit("APF", 3, SECTION, "advanced fault log has a fault");
    /** Bit 2: advanced fault log overflowed. */
    public static final Field AFO = Field.bit("AFO", 2, SECTION, "advanced fault log overflowed");
    /** Bit 1: some fault recording register has a fault. */
    public static final Field PPF = Field.bit("PPF", 1, SECTION, "some fault recording register has a fault");
    /** Bit 0: a fault was lost, no fault recording register was free. */
    public static final Field PFO = Field.bit("PFO", 0, SECTION,
            "a fault was lost, no fault recording register was free");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("FSTS_REG", SECTION, 32,
            Field.reserved(31, 16, SECTION), FRI, PRO, ITE, ICE, IQE, APF, AFO, PPF, PFO);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private FaultStatusRegister() {
    }
}
