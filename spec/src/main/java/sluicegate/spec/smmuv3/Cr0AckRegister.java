package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Control Register 0 Acknowledge, {@code SMMU_CR0ACK}: which values of {@link Cr0Register} are in force.
 *
 * <pre>
 *   31 11        10       9   8 6   5     4        3         2         1        0
 * +-------+-------------+---+-----+---+--------+--------+----------+--------+--------+
 * |   0   | DPT_WALK_EN | 0 | VMW | 0 | ATSCHK | CMDQEN | EVENTQEN | PRIQEN | SMMUEN |
 * +-------+-------------+---+-----+---+--------+--------+----------+--------+--------+
 * </pre>
 */
public final class Cr0AckRegister {

    private static final String SECTION = "6.3.10";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x24;

    /** Bit 10: walks of the device permission table, acknowledged. */
    public static final Field DPT_WALK_EN = Field.bit("DPT_WALK_EN", 10, SECTION,
            "walks of the device permission table, acknowledged");
    /** Bits 8:6: VMID wildcard: how many low bits TLB invalidations ignore, acknowledged. */
    public static final Field VMW = Field.bits("VMW", 8, 6, SECTION,
            "VMID wildcard: how many low bits TLB invalidations ignore, acknowledged");
    /** Bit 4: translated requests are checked against STE.EATS, acknowledged. */
    public static final Field ATSCHK = Field.bit("ATSCHK", 4, SECTION,
            "translated requests are checked against STE.EATS, acknowledged");
    /** Bit 3: command queue enabled, acknowledged. */
    public static final Field CMDQEN = Field.bit("CMDQEN", 3, SECTION, "command queue enabled, acknowledged");
    /** Bit 2: event queue enabled, acknowledged. */
    public static final Field EVENTQEN = Field.bit("EVENTQEN", 2, SECTION, "event queue enabled, acknowledged");
    /** Bit 1: PRI queue enabled, acknowledged. */
    public static final Field PRIQEN = Field.bit("PRIQEN", 1, SECTION, "PRI queue enabled, acknowledged");
    /** Bit 0: translation enabled, acknowledged. */
    public static final Field SMMUEN = Field.bit("SMMUEN", 0, SECTION, "translation enabled, acknowledged");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_CR0ACK", SECTION, 32,
            Field.reserved(31, 11, SECTION), DPT_WALK_EN, Field.reserved(9, 9, SECTION), VMW,
            Field.reserved(5, 5, SECTION), ATSCHK, CMDQEN, EVENTQEN, PRIQEN, SMMUEN);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private Cr0AckRegister() {
    }
}
