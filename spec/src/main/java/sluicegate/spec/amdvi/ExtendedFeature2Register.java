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
 *   31 12        11        10        9 8             7 5           4              3             2           1        0
 * +-------+---------------+----+----------------+------------+-------------+----------------+---------+-------------+---+
 * |   0   | HTRANGEIGNORE | 0  | NUMINTREMAPSUP | SNPAVICSUP | GAPPIDISSUP | GCR3TRPMODESUP | TMPMSUP | SEVSNPIOSUP | 0 |
 * +-------+---------------+----+----------------+------------+-------------+----------------+---------+-------------+---+
 * </pre>
 *
 * <p>ControlRegister.GSTBUFFERTRPMODE has no bit here: software sets it and looks whether it stays.
 */
public final class ExtendedFeature2Register {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x01A0;

    /** Bit 11: the address range of HyperTransport is one as any other. */
    public static final Field HTRANGEIGNORE = Field.bit("HTRANGEIGNORE", 11, SECTION,
            "the address range of HyperTransport is one as any other");
    /** Bits 9:8: ControlRegister.NUMINTREMAPMODE: the greatest code. */
    public static final Field NUMINTREMAPSUP = Field.bits("NUMINTREMAPSUP", 9, 8, SECTION,
            "ControlRegister.NUMINTREMAPMODE: the greatest code");
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
    /** Bit 1: trusted devices with SEV-SNP. */
    public static final Field SEVSNPIOSUP = Field.bit("SEVSNPIOSUP", 1, SECTION, "trusted devices with SEV-SNP");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ExtFeature2", SECTION, 64,
            Field.reserved(63, 12, SECTION), HTRANGEIGNORE, Field.reserved(10, 10, SECTION), NUMINTREMAPSUP, SNPAVICSUP,
            GAPPIDISSUP, GCR3TRPMODESUP, TMPMSUP, SEVSNPIOSUP, Field.reserved(0, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ExtendedFeature2Register() {
    }
}
