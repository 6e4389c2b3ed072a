package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Control Register 0, {@code SMMU_CR0}: what is switched on. A change is complete when {@link Cr0AckRegister}
 * shows it.
 *
 * <pre>
 *   31 11        10       9   8 6   5     4        3         2         1        0
 * +-------+-------------+---+-----+---+--------+--------+----------+--------+--------+
 * |   0   | DPT_WALK_EN | 0 | VMW | 0 | ATSCHK | CMDQEN | EVENTQEN | PRIQEN | SMMUEN |
 * +-------+-------------+---+-----+---+--------+--------+----------+--------+--------+
 * </pre>
 */
public final class Cr0Register {

    private static final String SECTION = "6.3.9";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x20;

    /** Bit 10: walks of the device permission table. */
    public static final Field DPT_WALK_EN = Field.bit("DPT_WALK_EN", 10, SECTION,
            "walks of the device permission table");
    /** Bits 8:6: VMID wildcard: how many low bits TLB invalidations ignore. */
    public static final Field VMW = Field.bits("VMW", 8, 6, SECTION,
            "VMID wildcard: how many low bits TLB invalidations ignore");
    /** Bit 4: translated requests are checked against STE.EATS. */
    public static final Field ATSCHK = Field.bit("ATSCHK", 4, SECTION,
            "translated requests are checked against STE.EATS");
    /** Bit 3: command queue enabled. */
    public static final Field CMDQEN = Field.bit("CMDQEN", 3, SECTION, "command queue enabled");
    /** Bit 2: event queue enabled. */
    public static final Field EVENTQEN = Field.bit("EVENTQEN", 2, SECTION, "event queue enabled");
    /** Bit 1: PRI queue enabled. */
    public static final Field PRIQEN = Field.bit("PRIQEN", 1, SECTION, "PRI queue enabled");
    /** Bit 0: translation enabled. */
    public static final Field SMMUEN = Field.bit("SMMUEN", 0, SECTION, "translation enabled");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_CR0", SECTION, 32,
            Field.reserved(31, 11, SECTION), DPT_WALK_EN, Field.reserved(9, 9, SECTION), VMW,
            Field.reserved(5, 5, SECTION), ATSCHK, CMDQEN, EVENTQEN, PRIQEN, SMMUEN);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private Cr0Register() {
    }
}
