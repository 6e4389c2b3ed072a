package sluicegate.spec.amdvi;

import java.util.List;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Entry of a guest page table ("v2"), of all levels: the long-mode format of an AMD64 processor (AMD64 Architecture
 * Programmer's Manual, volume 2, 5.3).
 *
 * <p>Levels count from the leaf: 1 is the table of 4 KiB pages, 2 and 3 can hold pages of 2 MiB and 1 GiB, 4 and 5
 * only point to tables. Addresses are guest physical, translated by host tables where there are any. Bit 12 of a
 * large page is not part of its address.
 *
 * <pre>
 * Pointer to a table in levels 5 and 4, where no page can be:
 *   63   62 52   51 32
 * +----+-------+-------+
 * | NX |  ign  |  ADDR |
 * +----+-------+-------+
 *   31 12   11 9   8 7    6    5    4     3    2    1    0
 * +-------+------+-----+-----+---+-----+-----+----+----+---+
 * |  ADDR | ign  |  0  | ign | A | PCD | PWT | US | RW | P |
 * +-------+------+-----+-----+---+-----+-----+----+----+---+
 *
 * Pointer to a table in levels 3 and 2:
 *   63   62 52   51 32
 * +----+-------+-------+
 * | NX |  ign  |  ADDR |
 * +----+-------+-------+
 *   31 12   11 8   7     6    5    4     3    2    1    0
 * +-------+------+----+-----+---+-----+-----+----+----+---+
 * |  ADDR | ign  | PS | ign | A | PCD | PWT | US | RW | P |
 * +-------+------+----+-----+---+-----+-----+----+----+---+
 *
 * Page of 1 GiB in level 3:
 *   63   62 52    51 32
 * +----+-------+---------+
 * | NX |  ign  | ADDR_1G |
 * +----+-------+---------+
 *    31 30    29 13       12      11 9   8   7    6   5    4     3    2    1    0
 * +---------+-------+-----------+------+---+----+---+---+-----+-----+----+----+---+
 * | ADDR_1G |   0   | PAT_LARGE | ign  | G | PS | D | A | PCD | PWT | US | RW | P |
 * +---------+-------+-----------+------+---+----+---+---+-----+-----+----+----+---+
 *
 * Page of 2 MiB in level 2:
 *   63   62 52    51 32
 * +----+-------+---------+
 * | NX |  ign  | ADDR_2M |
 * +----+-------+---------+
 *    31 21    20 13       12      11 9   8   7    6   5    4     3    2    1    0
 * +---------+-------+-----------+------+---+----+---+---+-----+-----+----+----+---+
 * | ADDR_2M |   0   | PAT_LARGE | ign  | G | PS | D | A | PCD | PWT | US | RW | P |
 * +---------+-------+-----------+------+---+----+---+---+-----+-----+----+----+---+
 *
 * Page of 4 KiB in level 1:
 *   63   62 52   51 32
 * +----+-------+-------+
 * | NX |  ign  |  ADDR |
 * +----+-------+-------+
 *   31 12   11 9   8    7    6   5    4     3    2    1    0
 * +-------+------+---+-----+---+---+-----+-----+----+----+---+
 * |  ADDR | ign  | G | PAT | D | A | PCD | PWT | US | RW | P |
 * +-------+------+---+-----+---+---+-----+-----+----+----+---+
 * </pre>
 */
public final class GuestPageEntry {

    private static final String SECTION = "2.2.6";

    /** Bit 63: no execution, where the unit has NXSUP. */
    public static final Field NX = Field.bit("NX", 63, SECTION, "no execution, where the unit has NXSUP");
    /** Bits 51:12: next table, or page of 4 KiB. */
    public static final Field ADDR = Field.address("ADDR", 51, 12, SECTION, "next table, or page of 4 KiB");
    /** Bits 51:21: page of 2 MiB. */
    public static final Field ADDR_2M = Field.address("ADDR_2M", 51, 21, SECTION, "page of 2 MiB");
    /** Bits 51:30: page of 1 GiB. */
    public static final Field ADDR_1G = Field.address("ADDR_1G", 51, 30, SECTION, "page of 1 GiB");
    /** Bit 12: page attribute, of a large page. */
    public static final Field PAT_LARGE = Field.bit("PAT_LARGE", 12, SECTION, "page attribute, of a large page");
    /** Bit 8: global. */
    public static final Field G = Field.bit("G", 8, SECTION, "global");
    /** Bit 7: page size: this entry maps a page instead of pointing to a table. */
    public static final Field PS = Field.bit("PS", 7, SECTION,
            "page size: this entry maps a page instead of pointing to a table");
    /** Bit 7: page attribute, of a page of 4 KiB. */
    public static final Field PAT = Field.bit("PAT", 7, SECTION, "page attribute, of a page of 4 KiB");
    /** Bit 6: dirty. */
    public static final Field D = Field.bit("D", 6, SECTION, "dirty");
    /** Bit 5: accessed. */
    public static final Field A = Field.bit("A", 5, SECTION, "accessed");
    /** Bit 4: page-level cache disable. */
    public static final Field PCD = Field.bit("PCD", 4, SECTION, "page-level cache disable");
    /** Bit 3: page-level write-through. */
    public static final Field PWT = Field.bit("PWT", 3, SECTION, "page-level write-through");
    /** Bit 2: user: requests without supervisor privilege may pass. */
    public static final Field US = Field.bit("US", 2, SECTION, "user: requests without supervisor privilege may pass");
    /** Bit 1: write permission. */
    public static final Field RW = Field.bit("RW", 1, SECTION, "write permission");
    /** Bit 0: present. */
    public static final Field P = Field.bit("P", 0, SECTION, "present");

    /** Pointer to a table in levels 5 and 4, where no page can be. */
    public static final Layout UPPER_TABLE = Layout.of("GuestPageEntry, levels 5 and 4", SECTION, 64,
            NX, Field.ignored(62, 52, SECTION), ADDR, Field.ignored(11, 9, SECTION),
            Field.reserved(8, 7, SECTION), Field.ignored(6, 6, SECTION), A, PCD, PWT, US, RW, P);

    /** Pointer to a table in levels 3 and 2. */
    public static final Layout TABLE = Layout.of("GuestPageEntry, levels 3 and 2, table", SECTION, 64,
            NX, Field.ignored(62, 52, SECTION), ADDR, Field.ignored(11, 8, SECTION), PS,
            Field.ignored(6, 6, SECTION), A, PCD, PWT, US, RW, P);

    /** Page of 1 GiB in level 3. */
    public static final Layout PAGE_1G = Layout.of("GuestPageEntry, level 3, page of 1 GiB", SECTION, 64,
            NX, Field.ignored(62, 52, SECTION), ADDR_1G, Field.reserved(29, 13, SECTION), PAT_LARGE,
            Field.ignored(11, 9, SECTION), G, PS, D, A, PCD, PWT, US, RW, P);

    /** Page of 2 MiB in level 2. */
    public static final Layout PAGE_2M = Layout.of("GuestPageEntry, level 2, page of 2 MiB", SECTION, 64,
            NX, Field.ignored(62, 52, SECTION), ADDR_2M, Field.reserved(20, 13, SECTION), PAT_LARGE,
            Field.ignored(11, 9, SECTION), G, PS, D, A, PCD, PWT, US, RW, P);

    /** Page of 4 KiB in level 1. */
    public static final Layout PAGE_4K = Layout.of("GuestPageEntry, level 1, page of 4 KiB", SECTION, 64,
            NX, Field.ignored(62, 52, SECTION), ADDR, Field.ignored(11, 9, SECTION), G, PAT, D, A, PCD,
            PWT, US, RW, P);

    /** All forms, the highest level first. */
    public static final List<Layout> LAYOUTS = List.of(UPPER_TABLE, TABLE, PAGE_1G, PAGE_2M, PAGE_4K);

    /** Size of one entry. */
    public static final int BYTES = 8;

    private GuestPageEntry() {
    }

    /** Whether an entry of that level ends the walk if it is present. */
    public static boolean isLeaf(int level, long entry) {
        return level == 1 || level <= 3 && PS.isSet(entry);
    }

    /** Which form an entry of that level has. */
    public static Layout layout(int level, long entry) {
        return switch (level) {
            case 1 -> PAGE_4K;
            case 2 -> PS.isSet(entry) ? PAGE_2M : TABLE;
            case 3 -> PS.isSet(entry) ? PAGE_1G : TABLE;
            case 4, 5 -> UPPER_TABLE;
            default -> throw new IllegalArgumentException("guest tables have levels 1 to 5, not " + level);
        };
    }

    /** The address field of a leaf of that level. */
    public static Field pageAddress(int level) {
        return switch (level) {
            case 1 -> ADDR;
            case 2 -> ADDR_2M;
            case 3 -> ADDR_1G;
            default -> throw new IllegalArgumentException("guest tables have pages at levels 1 to 3, not " + level);
        };
    }
}
