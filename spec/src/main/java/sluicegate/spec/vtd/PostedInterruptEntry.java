package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Interrupt remapping table entry (IRTE) for posted interrupts; see {@link InterruptRemappingEntry} for the values of SVT and
 * SQ.
 *
 * <pre>
 *   127 96
 * +--------+
 * |  PDAH  |
 * +--------+
 *   95 84   83 82   81 80   79 64
 * +-------+-------+-------+-------+
 * |   0   |  SVT  |   SQ  |  SID  |
 * +-------+-------+-------+-------+
 *   63 38   37 32
 * +-------+-------+
 * |  PDAL |   0   |
 * +-------+-------+
 *   31 24   23 16   15    14    13 12   11  8   7 2    1    0
 * +-------+-------+----+-----+-------+-------+-----+-----+---+
 * |   0   |   VV  | IM | URG |   0   | AVAIL |  0  | FPD | P |
 * +-------+-------+----+-----+-------+-------+-----+-----+---+
 * </pre>
 */
public final class PostedInterruptEntry {

    private static final String SECTION = "9.10";

    /** Bits 127:96: address of the posted interrupt descriptor, bits 63:32. */
    public static final Field PDAH = Field.bits("PDAH", 127, 96, SECTION,
            "address of the posted interrupt descriptor, bits 63:32");
    /** Bits 83:82: how the source id of a request is checked. */
    public static final Field SVT = Field.bits("SVT", 83, 82, SECTION, "how the source id of a request is checked");
    /** Bits 81:80: which of the low bits of the source id are left out, with SVT 01b. */
    public static final Field SQ = Field.bits("SQ", 81, 80, SECTION,
            "which of the low bits of the source id are left out, with SVT 01b");
    /** Bits 79:64: source id, or first and last bus. */
    public static final Field SID = Field.bits("SID", 79, 64, SECTION, "source id, or first and last bus");
    /** Bits 63:38: address of the posted interrupt descriptor, bits 31:6. */
    public static final Field PDAL = Field.bits("PDAL", 63, 38, SECTION,
            "address of the posted interrupt descriptor, bits 31:6");
    /** Bits 23:16: virtual vector: the bit of the descriptor. */
    public static final Field VV = Field.bits("VV", 23, 16, SECTION, "virtual vector: the bit of the descriptor");
    /** Bit 15: interrupts are posted; one here. */
    public static final Field IM = Field.bit("IM", 15, SECTION, "interrupts are posted; one here");
    /** Bit 14: urgent: SN of the descriptor does not hold back the notification. */
    public static final Field URG = Field.bit("URG", 14, SECTION,
            "urgent: SN of the descriptor does not hold back the notification");
    /** Bit 1: fault processing disable: faults of this entry are not recorded. */
    public static final Field FPD = Field.bit("FPD", 1, SECTION,
            "fault processing disable: faults of this entry are not recorded");
    /** Bit 0: present. */
    public static final Field P = Field.bit("P", 0, SECTION, "present");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PostedInterruptEntry", SECTION, 128,
            PDAH, Field.reserved(95, 84, SECTION), SVT, SQ, SID, PDAL, Field.reserved(37, 32, SECTION),
            Field.reserved(31, 24, SECTION), VV, IM, URG, Field.reserved(13, 12, SECTION), Field.ignored(11, 8, SECTION),
            Field.reserved(7, 2, SECTION), FPD, P);

    /** Size of one entry. */
    public static final int BYTES = 16;

    private PostedInterruptEntry() {
    }

    /** The address of the posted interrupt descriptor. */
    public static long descriptor(long low, long high) {
        return PDAH.get(high) << 32 | PDAL.get(low) << 6;
    }
}
