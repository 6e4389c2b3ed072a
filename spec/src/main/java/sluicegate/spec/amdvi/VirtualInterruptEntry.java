package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Entry of an interrupt remapping table in its form of 128 bits, for interrupts to a virtual processor (GuestMode 1).
 *
 * <p>Used while ControlRegister.GAEN is set and GAMEN is {@link #MODE_VIRTUAL_APIC}. The interrupt is noted in the {@link
 * VirtualApicPage} of the virtual processor. What changes as that moves between processors is not cached: ISRUN, DESTINATION and
 * GATAG, says the manual; GALOGINTR neither, said AMD's architects to the kernel's developers.
 *
 * <pre>
 *      127 120       119 116   115 96
 * +----------------+---------+-------+
 * | DESTINATION_HI |    0    |  ROOT |
 * +----------------+---------+-------+
 *   95 76   75 72   71 64
 * +-------+-------+--------+
 * |  ROOT |   0   | VECTOR |
 * +-------+-------+--------+
 *   63 32
 * +-------+
 * | GATAG |
 * +-------+
 *        31 8            7         6        5       4 3       2           1         0
 * +----------------+-----------+-------+----------+-----+-----------+---------+---------+
 * | DESTINATION_LO | GUESTMODE | ISRUN | GAPPIDIS |  0  | GALOGINTR | SUPIOPF | REMAPEN |
 * +----------------+-----------+-------+----------+-----+-----------+---------+---------+
 * </pre>
 */
public final class VirtualInterruptEntry {

    private static final String SECTION = "2.2.5";

    /** Bits 127:120: processor, bits 31:24, with ControlRegister.XTEN. */
    public static final Field DESTINATION_HI = Field.bits("DESTINATION_HI", 127, 120, SECTION,
            "processor, bits 31:24, with ControlRegister.XTEN");
    /** Bits 115:76: backing page of the virtual processor's interrupt controller. */
    public static final Field ROOT = Field.address("ROOT", 115, 76, SECTION,
            "backing page of the virtual processor's interrupt controller");
    /** Bits 71:64: vector, as the virtual processor knows it. */
    public static final Field VECTOR = Field.bits("VECTOR", 71, 64, SECTION, "vector, as the virtual processor knows it");
    /** Bits 63:32: what the guest log tells of the virtual processor. */
    public static final Field GATAG = Field.bits("GATAG", 63, 32, SECTION, "what the guest log tells of the virtual processor");
    /** Bits 31:8: processor on which it runs; bits 23:0 with ControlRegister.XTEN, else eight bits. */
    public static final Field DESTINATION_LO = Field.bits("DESTINATION_LO", 31, 8, SECTION,
            "processor on which it runs; bits 23:0 with ControlRegister.XTEN, else eight bits");
    /** Bit 7: guest virtual interrupt; one here. */
    public static final Field GUESTMODE = Field.bit("GUESTMODE", 7, SECTION, "guest virtual interrupt; one here");
    /** Bit 6: the virtual processor runs: its processor gets a doorbell. */
    public static final Field ISRUN = Field.bit("ISRUN", 6, SECTION, "the virtual processor runs: its processor gets a doorbell");
    /** Bit 5: no interrupt to a physical processor instead of the log, with ExtendedFeature2Register.GAPPIDISSUP. */
    public static final Field GAPPIDIS = Field.bit("GAPPIDIS", 5, SECTION,
            "no interrupt to a physical processor instead of the log, with ExtendedFeature2Register.GAPPIDISSUP");
    /** Bit 2: if the virtual processor does not run, the guest log tells of the interrupt. */
    public static final Field GALOGINTR = Field.bit("GALOGINTR", 2, SECTION,
            "if the virtual processor does not run, the guest log tells of the interrupt");
    /** Bit 1: faults of this entry are not logged. */
    public static final Field SUPIOPF = Field.bit("SUPIOPF", 1, SECTION, "faults of this entry are not logged");
    /** Bit 0: the entry is valid. */
    public static final Field REMAPEN = Field.bit("REMAPEN", 0, SECTION, "the entry is valid");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IRTE, 128 bits, of a virtual processor", SECTION, 128,
            DESTINATION_HI, Field.reserved(119, 116, SECTION), ROOT, Field.reserved(75, 72, SECTION), VECTOR, GATAG,
            DESTINATION_LO, GUESTMODE, ISRUN, GAPPIDIS, Field.reserved(4, 3, SECTION), GALOGINTR, SUPIOPF, REMAPEN);

    /** Size of one entry. */
    public static final int BYTES = 16;

    /** ControlRegister.GAMEN and ExtendedFeatureRegister.GAMSUP: entries may be for virtual processors. */
    public static final int MODE_VIRTUAL_APIC = 0b001;

    private VirtualInterruptEntry() {
    }
}
