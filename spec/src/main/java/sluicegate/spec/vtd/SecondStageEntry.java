package sluicegate.spec.vtd;

import java.util.List;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Second-stage paging entry, of all levels. An entry is present when it grants reading or writing (or, with execute
 * enable, executing).
 *
 * <p>Levels count from the leaf: 1 is the table of 4 KiB pages, 2 and 3 can hold pages of 2 MiB and 1 GiB, 4 and 5
 * only point to tables. Bits of an address at and above the host address width are reserved; that depends on the
 * machine and is not in these layouts.
 *
 * <pre>
 * Pointer to a table in levels 5 and 4, where no page can be:
 *    63   62   61 52   51 32
 * +-----+----+-------+-------+
 * | ign | 0  |  ign  |  ADDR |
 * +-----+----+-------+-------+
 *   31 12   11   10 9   8   7   6 3   2   1   0
 * +-------+----+------+---+---+-----+---+---+---+
 * |  ADDR | 0  | ign  | A | 0 | ign | X | W | R |
 * +-------+----+------+---+---+-----+---+---+---+
 *
 * Pointer to a table in levels 3 and 2:
 *    63   62   61 52   51 32
 * +-----+----+-------+-------+
 * | ign | 0  |  ign  |  ADDR |
 * +-----+----+-------+-------+
 *   31 12   11   10 9   8   7    6 3   2   1   0
 * +-------+----+------+---+----+-----+---+---+---+
 * |  ADDR | 0  | ign  | A | PS | ign | X | W | R |
 * +-------+----+------+---+----+-----+---+---+---+
 *
 * Page of 1 GiB in level 3:
 *    63   62   61 52   51   32
 * +-----+----+-------+---------+
 * | ign | TM |  ign  | ADDR_1G |
 * +-----+----+-------+---------+
 *   31   30   29 12    11    10   9   8   7     6     5 3   2   1   0
 * +---------+-------+-----+-----+---+---+----+------+-----+---+---+---+
 * | ADDR_1G |   0   | SNP | ign | D | A | PS | IPAT | EMT | X | W | R |
 * +---------+-------+-----+-----+---+---+----+------+-----+---+---+---+
 *
 * Page of 2 MiB in level 2:
 *    63   62   61 52   51   32
 * +-----+----+-------+---------+
 * | ign | TM |  ign  | ADDR_2M |
 * +-----+----+-------+---------+
 *   31   21   20 12    11    10   9   8   7     6     5 3   2   1   0
 * +---------+-------+-----+-----+---+---+----+------+-----+---+---+---+
 * | ADDR_2M |   0   | SNP | ign | D | A | PS | IPAT | EMT | X | W | R |
 * +---------+-------+-----+-----+---+---+----+------+-----+---+---+---+
 *
 * Page of 4 KiB in level 1:
 *    63   62   61 52   51 32
 * +-----+----+-------+-------+
 * | ign | TM |  ign  |  ADDR |
 * +-----+----+-------+-------+
 *   31 12    11    10   9   8    7     6     5 3   2   1   0
 * +-------+-----+-----+---+---+-----+------+-----+---+---+---+
 * |  ADDR | SNP | ign | D | A | ign | IPAT | EMT | X | W | R |
 * +-------+-----+-----+---+---+-----+------+-----+---+---+---+
 * </pre>
 */
public final class SecondStageEntry {

    private static final String SECTION = "9.8";

    /** Bit 62: transient mapping hint; reserved where device TLBs are not supported. */
    public static final Field TM = Field.bit("TM", 62, SECTION,
            "transient mapping hint; reserved where device TLBs are not supported");
    /** Bits 51:12: next table, or page of 4 KiB. */
    public static final Field ADDR = Field.address("ADDR", 51, 12, SECTION, "next table, or page of 4 KiB");
    /** Bits 51:21: page of 2 MiB. */
    public static final Field ADDR_2M = Field.address("ADDR_2M", 51, 21, SECTION, "page of 2 MiB");
    /** Bits 51:30: page of 1 GiB. */
    public static final Field ADDR_1G = Field.address("ADDR_1G", 51, 30, SECTION, "page of 1 GiB");
    /** Bit 11: snoop: accesses to the page are forced to snoop; reserved where ECAP.SC is clear. */
    public static final Field SNP = Field.bit("SNP", 11, SECTION,
            "snoop: accesses to the page are forced to snoop; reserved where ECAP.SC is clear");
    /** Bit 9: dirty (with SSADE; ignored without). */
    public static final Field D = Field.bit("D", 9, SECTION, "dirty (with SSADE; ignored without)");
    /** Bit 8: accessed (with SSADE; ignored without). */
    public static final Field A = Field.bit("A", 8, SECTION, "accessed (with SSADE; ignored without)");
    /** Bit 7: page size: this entry maps a page instead of pointing to a table. */
    public static final Field PS = Field.bit("PS", 7, SECTION,
            "page size: this entry maps a page instead of pointing to a table");
    /** Bit 6: ignore PAT (with extended memory types; ignored without). */
    public static final Field IPAT = Field.bit("IPAT", 6, SECTION,
            "ignore PAT (with extended memory types; ignored without)");
    /** Bits 5:3: extended memory type (with EMTE; ignored without). */
    public static final Field EMT = Field.bits("EMT", 5, 3, SECTION,
            "extended memory type (with EMTE; ignored without)");
    /** Bit 2: execute permission (with second-stage execute enable; ignored without). */
    public static final Field X = Field.bit("X", 2, SECTION,
            "execute permission (with second-stage execute enable; ignored without)");
    /** Bit 1: write permission. */
    public static final Field W = Field.bit("W", 1, SECTION, "write permission");
    /** Bit 0: read permission. */
    public static final Field R = Field.bit("R", 0, SECTION, "read permission");

    /** Pointer to a table in levels 5 and 4, where no page can be. */
    public static final Layout UPPER_TABLE = Layout.of("SecondStageEntry, levels 5 and 4", SECTION, 64,
            Field.ignored(63, 63, SECTION), Field.reserved(62, 62, SECTION), Field.ignored(61, 52, SECTION), ADDR,
            Field.reserved(11, 11, SECTION), Field.ignored(10, 9, SECTION), A, Field.reserved(7, 7, SECTION),
            Field.ignored(6, 3, SECTION), X, W, R);

    /** Pointer to a table in levels 3 and 2. */
    public static final Layout TABLE = Layout.of("SecondStageEntry, levels 3 and 2, table", SECTION, 64,
            Field.ignored(63, 63, SECTION), Field.reserved(62, 62, SECTION), Field.ignored(61, 52, SECTION), ADDR,
            Field.reserved(11, 11, SECTION), Field.ignored(10, 9, SECTION), A, PS, Field.ignored(6, 3, SECTION), X,
            W, R);

    /** Page of 1 GiB in level 3. */
    public static final Layout PAGE_1G = Layout.of("SecondStageEntry, level 3, page of 1 GiB", SECTION, 64,
            Field.ignored(63, 63, SECTION), TM, Field.ignored(61, 52, SECTION), ADDR_1G,
            Field.reserved(29, 12, SECTION), SNP, Field.ignored(10, 10, SECTION), D, A, PS, IPAT, EMT, X, W, R);

    /** Page of 2 MiB in level 2. */
    public static final Layout PAGE_2M = Layout.of("SecondStageEntry, level 2, page of 2 MiB", SECTION, 64,
            Field.ignored(63, 63, SECTION), TM, Field.ignored(61, 52, SECTION), ADDR_2M,
            Field.reserved(20, 12, SECTION), SNP, Field.ignored(10, 10, SECTION), D, A, PS, IPAT, EMT, X, W, R);

    /** Page of 4 KiB in level 1. */
    public static final Layout PAGE_4K = Layout.of("SecondStageEntry, level 1, page of 4 KiB", SECTION, 64,
            Field.ignored(63, 63, SECTION), TM, Field.ignored(61, 52, SECTION), ADDR, SNP,
            Field.ignored(10, 10, SECTION), D, A, Field.ignored(7, 7, SECTION), IPAT, EMT, X, W, R);

    /** All forms, the highest level first. */
    public static final List<Layout> LAYOUTS = List.of(UPPER_TABLE, TABLE, PAGE_1G, PAGE_2M, PAGE_4K);

    /** The bits that make an entry present, when execute permission is not in use. */
    public static final long RW = R.mask() | W.mask();

    /** Size of one entry. */
    public static final int BYTES = 8;

    private SecondStageEntry() {
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
            default -> throw new IllegalArgumentException("second stage has levels 1 to 5, not " + level);
        };
    }

    /** The address field of a leaf of that level. */
    public static Field pageAddress(int level) {
        return switch (level) {
            case 1 -> ADDR;
            case 2 -> ADDR_2M;
            case 3 -> ADDR_1G;
            default -> throw new IllegalArgumentException("second stage has pages at levels 1 to 3, not " + level);
        };
    }
}
