package sluicegate.spec.amdvi;

import java.util.List;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Entry of a host page table ("v1"), of all levels.
 *
 * <p>Levels count from the leaf: an entry of level 1 covers 4 KiB, of level 2 2 MiB, and so on up to level 6, whose
 * tables hold 128 entries in use and no pages. A table need not point to the next lower level: if NEXT skips levels,
 * the bits of the address that would index them must be zero. Permissions are intersected along the way.
 *
 * <p>A page whose NEXT is 0 has the size that an entry of its level covers. With NEXT 7 it is any power of two
 * between that and half of what its table covers, and every entry that it fills is the same: the size is twice the
 * value of the lowest zero bit of ADDR, so that 8 KiB at 0 is written as ADDR = 0, 16 KiB as 1000h, and so on.
 *
 * <pre>
 * Pointer to a table:
 *    63   62   61   60 52   51 32
 * +-----+----+----+-------+-------+
 * | ign | IW | IR |   0   |  ADDR |
 * +-----+----+----+-------+-------+
 *   31 12   11 9   8 6   5   4 1   0
 * +-------+------+-----+---+-----+----+
 * |  ADDR | NEXT | ign | A | ign | PR |
 * +-------+------+-----+---+-----+----+
 *
 * Page:
 *    63   62   61   60   59   58 52   51 32
 * +-----+----+----+----+----+-------+-------+
 * | ign | IW | IR | FC | U  |   0   |  ADDR |
 * +-----+----+----+----+----+-------+-------+
 *   31 12   11 9   8 7   6   5   4 1   0
 * +-------+------+-----+---+---+-----+----+
 * |  ADDR | NEXT | ign | D | A | ign | PR |
 * +-------+------+-----+---+---+-----+----+
 * </pre>
 */
public final class HostPageEntry {

    private static final String SECTION = "2.2.3";

    /** Bit 62: write permission. */
    public static final Field IW = Field.bit("IW", 62, SECTION, "write permission");
    /** Bit 61: read permission. */
    public static final Field IR = Field.bit("IR", 61, SECTION, "read permission");
    /** Bit 60: force coherent: accesses snoop. */
    public static final Field FC = Field.bit("FC", 60, SECTION, "force coherent: accesses snoop");
    /** Bit 59: attribute of ATS responses: untranslated access only. */
    public static final Field U = Field.bit("U", 59, SECTION, "attribute of ATS responses: untranslated access only");
    /** Bits 51:12: next table, or page; where NEXT is 7 its low ones tell the size. */
    public static final Field ADDR = Field.address("ADDR", 51, 12, SECTION,
            "next table, or page; where NEXT is 7 its low ones tell the size");
    /**
     * Bits 11:9: next level: 1 to 6 for a table of that level, 0 for a page, 7 for a page of a size that ADDR
     * tells.
     */
    public static final Field NEXT = Field.bits("NEXT", 11, 9, SECTION,
            "next level: 1 to 6 for a table of that level, 0 for a page, 7 for a page of a size that ADDR tells");
    /** Bit 6: dirty: the page was written. */
    public static final Field D = Field.bit("D", 6, SECTION, "dirty: the page was written");
    /** Bit 5: accessed. */
    public static final Field A = Field.bit("A", 5, SECTION, "accessed");
    /** Bit 0: present. */
    public static final Field PR = Field.bit("PR", 0, SECTION, "present");

    /** Pointer to a table. */
    public static final Layout TABLE = Layout.of("HostPageEntry, table", SECTION, 64,
            Field.ignored(63, 63, SECTION), IW, IR, Field.reserved(60, 52, SECTION), ADDR, NEXT,
            Field.ignored(8, 6, SECTION), A, Field.ignored(4, 1, SECTION), PR);

    /** Page. */
    public static final Layout PAGE = Layout.of("HostPageEntry, page", SECTION, 64,
            Field.ignored(63, 63, SECTION), IW, IR, FC, U, Field.reserved(58, 52, SECTION), ADDR, NEXT,
            Field.ignored(8, 7, SECTION), D, A, Field.ignored(4, 1, SECTION), PR);

    /** Both forms. */
    public static final List<Layout> LAYOUTS = List.of(TABLE, PAGE);

    /** Size of one entry. */
    public static final int BYTES = 8;

    /** Read and write permission. */
    public static final long RW = IR.mask() | IW.mask();

    /** {@link #NEXT} of a page of the size that an entry of its level covers. */
    public static final int NEXT_PAGE = 0;

    /** {@link #NEXT} of a page whose size ADDR tells. */
    public static final int NEXT_SIZED_PAGE = 7;

    /** The greatest number of levels. */
    public static final int MAX_LEVELS = 6;

    /** The greatest size of a page, as a power of two. */
    private static final int MAX_PAGE_SHIFT = 51;

    private HostPageEntry() {
    }

    /** Whether an entry maps a page, if it is present. */
    public static boolean isLeaf(long entry) {
        int next = (int) NEXT.get(entry);
        return next == NEXT_PAGE || next == NEXT_SIZED_PAGE;
    }

    /** Which form an entry has. */
    public static Layout layout(long entry) {
        return isLeaf(entry) ? PAGE : TABLE;
    }

    /** The binary logarithm of what an entry of that level covers: 12, 21, 30, ... */
    public static int coverShift(int level) {
        return 12 + 9 * (level - 1);
    }

    /**
     * The binary logarithm of the size of a page, from its entry and level. If NEXT is 7, only ADDR decides, whatever
     * the level would allow.
     */
    public static int pageShift(int level, long entry) {
        return NEXT.get(entry) == NEXT_SIZED_PAGE
                ? Long.numberOfTrailingZeros(~(entry & ADDR.mask() | 0xFFF)) + 1 : coverShift(level);
    }

    /**
     * Whether a page of that size can be in a table of that level: one of NEXT 0 is as large as what an entry covers, one of NEXT 7 is
     * larger and smaller than the table's; and none is larger than the address space of memory.
     *
     * @param pageShift see {@link #pageShift}
     */
    public static boolean canBeIn(int level, long entry, int pageShift) {
        int shift = coverShift(level);
        return pageShift <= MAX_PAGE_SHIFT
                && (NEXT.get(entry) == NEXT_PAGE || pageShift > shift && pageShift < shift + 9);
    }

    /** The address of a page, from its entry and the binary logarithm of its size. */
    public static long pageAddress(long entry, int pageShift) {
        return entry & ADDR.mask() & -1L << pageShift;
    }

    /** What ADDR and NEXT hold for a page of a size that NEXT 7 tells, at an address that is a multiple of the size. */
    public static long sizedPage(long address, int pageShift) {
        return NEXT.set(ADDR.setInPlace(0, address | (1L << pageShift - 1) - 1 & ADDR.mask()), NEXT_SIZED_PAGE);
    }
}
