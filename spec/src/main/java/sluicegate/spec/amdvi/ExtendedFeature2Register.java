package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Extended Feature 2 Register: more of what the unit can do.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 8      7 5           4              3             2      1 0
 * +------+------------+-------------+----------------+---------+-----+
 * |  0   | SNPAVICSUP | GAPPIDISSUP | GCR3TRPMODESUP | TMPMSUP |  0  |
 * +------+------------+-------------+----------------+---------+-----+
 * </pre>
 *
 * <p>ControlRegister.GSTBUFFERTRPMODE has no bit here: software sets it and looks whether it stays.
 */
public final class ExtendedFeature2Register {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x01A0;

    /** Bits 7:5: virtual interrupt controller while SNP is on. */
    public static final Field SNPAVICSUP = Field.bits("SNPAVICSUP", 7, 5, SECTION,
            "virtual interrupt controller while SNP is on");
    /** Bit 4: an interrupt remapping entry may keep interrupts from physical processors (GAPPIDis). */
    public static final Field GAPPIDISSUP = Field.bit("GAPPIDISSUP", 4, SECTION,
            "an interrupt remapping entry may keep interrupts from physical processors (GAPPIDis)");
    /** Bit 3: ControlRegister.GCR3TRPMODE. */
    public static final Field GCR3TRPMODESUP = Field.bit("GCR3TRPMODESUP", 3, SECTION, "ControlRegister.GCR3TRPMODE");
    /** Bit 2: tiered memory migration. */
    public static final Field TMPMSUP = Field.bit("TMPMSUP", 2, SECTION, "tiered memory migration");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ExtFeature2", SECTION, 64,
            Field.reserved(63, 8, SECTION), SNPAVICSUP, GAPPIDISSUP, GCR3TRPMODESUP, TMPMSUP,
            Field.reserved(1, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ExtendedFeature2Register() {
    }
}
