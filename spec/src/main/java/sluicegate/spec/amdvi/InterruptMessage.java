package sluicegate.spec.amdvi;

import java.util.List;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * An interrupt as a device sends it: a write of four bytes to the interrupt address range FEEx_xxxxh.
 *
 * <p>A remapped one is looked up by INDEX in the interrupt remapping table of its device; the rest of its data and its
 * address count for nothing. Delivery modes 000b and 001b are remapped, so an index has 9 bits; if
 * ControlRegister.NUMINTREMAPMODE is 2K, DM tells a message whose index has all 11. Events tell of an interrupt by an
 * address in the interrupt range of HyperTransport, FD_F800_0000h, whose lower half has the form of an interrupt
 * remapping table entry; real units extend its sign (kernels print {@code address=0xfffffffdf8140200}).
 *
 * <pre>
 * The address:
 *   31 20   19 12   11 4    3    2    1 0
 * +-------+-------+------+----+----+-----+
 * |  FEEh |  DEST |  0   | RH | DM | IGN |
 * +-------+-------+------+----+----+-----+
 *
 * Its data:
 *   31 16   15     14    13 11   10 8   7  0
 * +-------+----+-------+-------+----+--------+
 * |   0   | TM | LEVEL |   0   | MT | VECTOR |
 * +-------+----+-------+-------+----+--------+
 *
 * The same where it is remapped:
 *   31 11   10  0
 * +-------+-------+
 * |  IGN  | INDEX |
 * +-------+-------+
 *
 * The operand of an event:
 *   63 24             23 16         15 8       7       6          5         4 2     1 0
 * +---------------+------------+-----------+-----+----------+-----------+---------+-----+
 * | FF_FFFF_FDF8h | HT_VECTOR  | HT_DEST   |  0  |  HT_DM   | HT_RQEOI  |  HT_MT  |  0  |
 * +---------------+------------+-----------+-----+----------+-----------+---------+-----+
 * </pre>
 */
public final class InterruptMessage {

    private static final String SECTION = "2.2.5";
    private static final String RANGE_SECTION = "2.1.4.2";

    /** Bits 31:20: the interrupt address range, {@link #RANGE_CODE}. */
    public static final Field RANGE = Field.bits("RANGE", 31, 20, RANGE_SECTION, "the interrupt address range, FEEh");
    /** Bits 19:12: destination, an APIC id. */
    public static final Field DEST = Field.bits("DEST", 19, 12, RANGE_SECTION, "destination, an APIC id");
    /** Bit 3: redirection hint: one of several processors. */
    public static final Field RH = Field.bit("RH", 3, RANGE_SECTION, "redirection hint: one of several processors");
    /** Bit 2: the destination is a logical one. */
    public static final Field DM = Field.bit("DM", 2, RANGE_SECTION, "the destination is a logical one");

    /** The address. */
    public static final Layout ADDRESS = Layout.of("interrupt address", RANGE_SECTION, 32,
            RANGE, DEST, Field.reserved(11, 4, RANGE_SECTION), RH, DM, Field.ignored(1, 0, RANGE_SECTION));

    /** Bit 15: level triggered. */
    public static final Field TM = Field.bit("TM", 15, SECTION, "level triggered");
    /** Bit 14: the level, asserted. */
    public static final Field LEVEL = Field.bit("LEVEL", 14, SECTION, "the level, asserted");
    /** Bits 10:8: delivery mode, see FIXED. */
    public static final Field MT = Field.bits("MT", 10, 8, SECTION, "delivery mode, see FIXED");
    /** Bits 7:0: vector. */
    public static final Field VECTOR = Field.bits("VECTOR", 7, 0, SECTION, "vector");

    /** The data of one that is not remapped. */
    public static final Layout DATA = Layout.of("interrupt data", SECTION, 32,
            Field.reserved(31, 16, SECTION), TM, LEVEL, Field.reserved(13, 11, SECTION), MT, VECTOR);

    /** Bits 10:0: which entry of the device's interrupt remapping table. */
    public static final Field INDEX = Field.bits("INDEX", 10, 0, SECTION,
            "which entry of the device's interrupt remapping table");

    /** The data of one that is remapped. */
    public static final Layout REMAPPED_DATA = Layout.of("interrupt data, remapped", SECTION, 32,
            Field.ignored(31, 11, SECTION), INDEX);

    /** Bits 63:24: the interrupt range of HyperTransport, {@link #HT_RANGE_CODE}. */
    public static final Field HT_RANGE = Field.bits("HT_RANGE", 63, 24, RANGE_SECTION,
            "the interrupt range of HyperTransport, with its sign extended");
    /** Bits 23:16: VECTOR. */
    public static final Field HT_VECTOR = Field.bits("HT_VECTOR", 23, 16, RANGE_SECTION, "VECTOR");
    /** Bits 15:8: DEST. */
    public static final Field HT_DEST = Field.bits("HT_DEST", 15, 8, RANGE_SECTION, "DEST");
    /** Bit 6: DM. */
    public static final Field HT_DM = Field.bit("HT_DM", 6, RANGE_SECTION, "DM");
    /** Bit 5: TM: an end of interrupt is asked for. */
    public static final Field HT_RQEOI = Field.bit("HT_RQEOI", 5, RANGE_SECTION, "TM: an end of interrupt is asked for");
    /** Bits 4:2: MT. */
    public static final Field HT_MT = Field.bits("HT_MT", 4, 2, RANGE_SECTION, "MT");

    /** What events tell of an interrupt in the place of an address. */
    public static final Layout EVENT_ADDRESS = Layout.of("interrupt in an event", RANGE_SECTION, 64,
            HT_RANGE, HT_VECTOR, HT_DEST, Field.reserved(7, 7, RANGE_SECTION), HT_DM, HT_RQEOI, HT_MT,
            Field.reserved(1, 0, RANGE_SECTION));

    /** All forms. */
    public static final List<Layout> LAYOUTS = List.of(ADDRESS, DATA, REMAPPED_DATA, EVENT_ADDRESS);

    /** {@link #RANGE} of every interrupt. */
    public static final int RANGE_CODE = 0xFEE;

    /** {@link #HT_RANGE} of every interrupt in an event. */
    public static final long HT_RANGE_CODE = 0xFF_FFFF_FDF8L;

    /** {@link #MT}: to the processor named; subject to DTE.INTCTL. */
    public static final int FIXED = 0b000;

    /** {@link #MT}: to the processor with the lowest priority; subject to DTE.INTCTL. */
    public static final int ARBITRATED = 0b001;

    /** {@link #MT}: system management interrupt. */
    public static final int SMI = 0b010;

    /** {@link #MT}: non-maskable interrupt, see DTE.NMIPASS. */
    public static final int NMI = 0b100;

    /** {@link #MT}: initialization, see DTE.INITPASS. */
    public static final int INIT = 0b101;

    /** {@link #MT}: of an external interrupt controller, see DTE.EINTPASS. */
    public static final int EXT_INT = 0b111;

    private InterruptMessage() {
    }

    /** How an event tells of an interrupt. */
    public static long eventAddress(long address, int data) {
        long event = HT_VECTOR.set(HT_RANGE.set(0, HT_RANGE_CODE), VECTOR.get(data));
        event = HT_DM.set(HT_DEST.set(event, DEST.get(address)), DM.get(address));
        return HT_MT.set(HT_RQEOI.set(event, TM.get(data)), MT.get(data));
    }
}
