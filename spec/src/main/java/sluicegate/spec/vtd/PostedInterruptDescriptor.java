package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Posted interrupt descriptor (PID): 64 bytes in memory into which the unit posts interrupts for a virtual processor, one bit
 * for each vector, and which say how a processor is told.
 *
 * <pre>
 *   511 320
 * +---------+
 * |    0    |
 * +---------+
 *   319 288   287 280   279 272   271 258   257   256
 * +---------+---------+---------+---------+-----+----+
 * |   NDST  |    0    |    NV   |    0    |  SN | ON |
 * +---------+---------+---------+---------+-----+----+
 *   255 0
 * +-------+
 * |  PIR  |
 * +-------+
 * </pre>
 */
public final class PostedInterruptDescriptor {

    private static final String SECTION = "9.11";

    /** Bits 319:288: notification destination; without EIME an APIC id in bits 303:296, all others zero. */
    public static final Field NDST = Field.bits("NDST", 319, 288, SECTION,
            "notification destination; without EIME an APIC id in bits 303:296, all others zero");
    /** Bits 279:272: notification vector. */
    public static final Field NV = Field.bits("NV", 279, 272, SECTION, "notification vector");
    /** Bit 257: suppress notification of interrupts that are not urgent. */
    public static final Field SN = Field.bit("SN", 257, SECTION, "suppress notification of interrupts that are not urgent");
    /** Bit 256: a notification is outstanding. */
    public static final Field ON = Field.bit("ON", 256, SECTION, "a notification is outstanding");
    /** Bits 255:192: posted interrupts, vectors 255 to 192. */
    public static final Field PIR3 = Field.bits("PIR3", 255, 192, SECTION, "posted interrupts, vectors 255 to 192");
    /** Bits 191:128: posted interrupts, vectors 191 to 128. */
    public static final Field PIR2 = Field.bits("PIR2", 191, 128, SECTION, "posted interrupts, vectors 191 to 128");
    /** Bits 127:64: posted interrupts, vectors 127 to 64. */
    public static final Field PIR1 = Field.bits("PIR1", 127, 64, SECTION, "posted interrupts, vectors 127 to 64");
    /** Bits 63:0: posted interrupts, vectors 63 to 0. */
    public static final Field PIR0 = Field.bits("PIR0", 63, 0, SECTION, "posted interrupts, vectors 63 to 0");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PostedInterruptDescriptor", SECTION, 512,
            Field.reserved(511, 448, SECTION), Field.reserved(447, 384, SECTION), Field.reserved(383, 320, SECTION), NDST,
            Field.reserved(287, 280, SECTION), NV, Field.reserved(271, 258, SECTION), SN, ON, PIR3, PIR2, PIR1, PIR0);

    /** Size of one descriptor, to which it is aligned. */
    public static final int BYTES = 64;

    private PostedInterruptDescriptor() {
    }
}
