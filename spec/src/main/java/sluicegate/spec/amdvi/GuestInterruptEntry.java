package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Entry of an interrupt remapping table in its form of 128 bits, for interrupts to host processors.
 *
 * <p>Used while ControlRegister.GAEN is set. With GUESTMODE set the entry has another form, {@link VirtualInterruptEntry}.
 *
 * <pre>
 *      127 120       119 96
 * +----------------+--------+
 * | DESTINATION_HI |   0    |
 * +----------------+--------+
 *   95 72   71 64
 * +-------+--------+
 * |   0   | VECTOR |
 * +-------+--------+
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *        31 8            7       6      5       4 2        1         0
 * +----------------+-----------+----+-------+---------+---------+---------+
 * | DESTINATION_LO | GUESTMODE | DM | RQEOI | INTTYPE | SUPIOPF | REMAPEN |
 * +----------------+-----------+----+-------+---------+---------+---------+
 * </pre>
 */
public final class GuestInterruptEntry {

    private static final String SECTION = "2.2.5";

    /** Bits 127:120: destination, bits 31:24, with ControlRegister.XTEN. */
    public static final Field DESTINATION_HI = Field.bits("DESTINATION_HI", 127, 120, SECTION,
            "destination, bits 31:24, with ControlRegister.XTEN");
    /** Bits 71:64: vector. */
    public static final Field VECTOR = Field.bits("VECTOR", 71, 64, SECTION, "vector");
    /** Bits 31:8: destination; bits 23:0 with ControlRegister.XTEN, else eight bits. */
    public static final Field DESTINATION_LO = Field.bits("DESTINATION_LO", 31, 8, SECTION,
            "destination; bits 23:0 with ControlRegister.XTEN, else eight bits");
    /** Bit 7: guest virtual interrupt. */
    public static final Field GUESTMODE = Field.bit("GUESTMODE", 7, SECTION, "guest virtual interrupt");
    /** Bit 6: destination mode: logical. */
    public static final Field DM = Field.bit("DM", 6, SECTION, "destination mode: logical");
    /** Bit 5: end of interrupt is asked for. */
    public static final Field RQEOI = Field.bit("RQEOI", 5, SECTION, "end of interrupt is asked for");
    /** Bits 4:2: delivery type. */
    public static final Field INTTYPE = Field.bits("INTTYPE", 4, 2, SECTION, "delivery type");
    /** Bit 1: faults of this entry are not logged. */
    public static final Field SUPIOPF = Field.bit("SUPIOPF", 1, SECTION, "faults of this entry are not logged");
    /** Bit 0: the entry is valid. */
    public static final Field REMAPEN = Field.bit("REMAPEN", 0, SECTION, "the entry is valid");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IRTE, 128 bits", SECTION, 128,
            DESTINATION_HI, Field.reserved(119, 72, SECTION), VECTOR, Field.reserved(63, 32, SECTION),
            DESTINATION_LO, GUESTMODE, DM, RQEOI, INTTYPE, SUPIOPF, REMAPEN);

    /** Size of one entry. */
    public static final int BYTES = 16;

    private GuestInterruptEntry() {
    }
}
