package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Interrupt remapping table entry (IRTE) for remapped interrupts. An entry with {@link #IM} set is a {@link
 * PostedInterruptEntry} instead; what both have in common stands in the same place.
 *
 * <pre>
 *   127 96
 * +--------+
 * |   0    |
 * +--------+
 *   95 84   83 82   81 80   79 64
 * +-------+-------+-------+-------+
 * |   0   |  SVT  |   SQ  |  SID  |
 * +-------+-------+-------+-------+
 *   63 32
 * +-------+
 * |  DST  |
 * +-------+
 *   31 24   23 16   15   14 12   11  8    7 5    4    3    2     1    0
 * +-------+-------+----+-------+-------+-----+----+----+----+-----+---+
 * |   0   |   V   | IM |   0   | AVAIL | DLM | TM | RH | DM | FPD | P |
 * +-------+-------+----+-------+-------+-----+----+----+----+-----+---+
 * </pre>
 */
public final class InterruptRemappingEntry {

    private static final String SECTION = "9.9";

    /** Bits 83:82: how the source id of a request is checked. */
    public static final Field SVT = Field.bits("SVT", 83, 82, SECTION, "how the source id of a request is checked");
    /** Bits 81:80: which of the low bits of the source id are left out, with SVT 01b. */
    public static final Field SQ = Field.bits("SQ", 81, 80, SECTION,
            "which of the low bits of the source id are left out, with SVT 01b");
    /** Bits 79:64: source id, or first and last bus. */
    public static final Field SID = Field.bits("SID", 79, 64, SECTION, "source id, or first and last bus");
    /** Bits 63:32: destination; without EIME an APIC id in bits 47:40, all others zero. */
    public static final Field DST = Field.bits("DST", 63, 32, SECTION,
            "destination; without EIME an APIC id in bits 47:40, all others zero");
    /** Bits 23:16: vector. */
    public static final Field V = Field.bits("V", 23, 16, SECTION, "vector");
    /** Bit 15: interrupts are posted; zero here. */
    public static final Field IM = Field.bit("IM", 15, SECTION, "interrupts are posted; zero here");
    /** Bits 7:5: delivery mode. */
    public static final Field DLM = Field.bits("DLM", 7, 5, SECTION, "delivery mode");
    /** Bit 4: level triggered. */
    public static final Field TM = Field.bit("TM", 4, SECTION, "level triggered");
    /** Bit 3: redirection hint: one of several processors. */
    public static final Field RH = Field.bit("RH", 3, SECTION, "redirection hint: one of several processors");
    /** Bit 2: the destination is a logical one. */
    public static final Field DM = Field.bit("DM", 2, SECTION, "the destination is a logical one");
    /** Bit 1: fault processing disable: faults of this entry are not recorded. */
    public static final Field FPD = Field.bit("FPD", 1, SECTION,
            "fault processing disable: faults of this entry are not recorded");
    /** Bit 0: present. */
    public static final Field P = Field.bit("P", 0, SECTION, "present");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("InterruptRemappingEntry", SECTION, 128,
            Field.reserved(127, 84, SECTION), SVT, SQ, SID, DST, Field.reserved(31, 24, SECTION), V, IM,
            Field.reserved(14, 12, SECTION), Field.ignored(11, 8, SECTION), DLM, TM, RH, DM, FPD, P);

    /** Size of one entry. */
    public static final int BYTES = 16;

    /** {@link #SVT}: any source. */
    public static final int SVT_NONE = 0b00;

    /** {@link #SVT}: the source {@link #SID}, as far as {@link #SQ} says. */
    public static final int SVT_SOURCE = 0b01;

    /** {@link #SVT}: a source on one of the buses from the upper half of {@link #SID} to the lower half. */
    public static final int SVT_BUS = 0b10;

    /** {@link #DLM}: to the vector of all destinations. */
    public static final int FIXED = 0b000;

    /** {@link #DLM}: to the vector of one of the destinations. */
    public static final int LOWEST_PRIORITY = 0b001;

    /** {@link #DLM}: a system management interrupt. */
    public static final int SMI = 0b010;

    /** {@link #DLM}: a non-maskable interrupt. */
    public static final int NMI = 0b100;

    /** {@link #DLM}: INIT. */
    public static final int INIT = 0b101;

    /** {@link #DLM}: an interrupt of an 8259A. */
    public static final int EXT_INT = 0b111;

    /** The bits of {@link #DST} that are an APIC id without EIME; the others are reserved then. */
    public static final long XAPIC_DESTINATION = 0xFFL << 40;

    private InterruptRemappingEntry() {
    }
}
