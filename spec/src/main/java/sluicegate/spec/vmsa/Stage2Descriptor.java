package sluicegate.spec.vmsa;

import java.util.List;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Translation table descriptor of stage 2, of all levels and granules.
 *
 * <p>Levels count from the root: 3 holds pages, 1 and 2 can hold blocks, 0 only points to tables. Bits 51:48 of an address stand in
 * {@link #ADDR_HIGH} with a granule of 64 KiB. The pictures show the granule of 4 KiB.
 *
 * <pre>
 * Pointer to a table, granule of 4 KiB:
 *   63 51   50 48   47 32
 * +-------+-------+-------+
 * |  ign  |   0   |  ADDR |
 * +-------+-------+-------+
 *   31 12   11 2    1       0
 * +-------+------+------+-------+
 * |  ADDR | ign  | TYPE | VALID |
 * +-------+------+------+-------+
 *
 * Block of 1 GiB: level 1, granule of 4 KiB:
 *   63 55   54 53       52        51   50 48    47 32
 * +-------+-------+------------+-----+-------+---------+
 * |  ign  |   XN  | CONTIGUOUS | DBM |   0   | ADDR_1G |
 * +-------+-------+------------+-----+-------+---------+
 *    31 30    29 17    16   15 12    11   10   9 8   7 6      5 2      1       0
 * +---------+-------+-----+-------+-----+----+-----+------+---------+------+-------+
 * | ADDR_1G |   0   | ign |   0   | ign | AF |  SH | S2AP | MEMATTR | TYPE | VALID |
 * +---------+-------+-----+-------+-----+----+-----+------+---------+------+-------+
 *
 * Block of 2 MiB: level 2, granule of 4 KiB:
 *   63 55   54 53       52        51   50 48    47 32
 * +-------+-------+------------+-----+-------+---------+
 * |  ign  |   XN  | CONTIGUOUS | DBM |   0   | ADDR_2M |
 * +-------+-------+------------+-----+-------+---------+
 *    31 21    20 17    16   15 12    11   10   9 8   7 6      5 2      1       0
 * +---------+-------+-----+-------+-----+----+-----+------+---------+------+-------+
 * | ADDR_2M |   0   | ign |   0   | ign | AF |  SH | S2AP | MEMATTR | TYPE | VALID |
 * +---------+-------+-----+-------+-----+----+-----+------+---------+------+-------+
 *
 * Page of 4 KiB:
 *   63 55   54 53       52        51   50 48   47 32
 * +-------+-------+------------+-----+-------+-------+
 * |  ign  |   XN  | CONTIGUOUS | DBM |   0   |  ADDR |
 * +-------+-------+------------+-----+-------+-------+
 *   31 12    11   10   9 8   7 6      5 2      1       0
 * +-------+-----+----+-----+------+---------+------+-------+
 * |  ADDR | ign | AF |  SH | S2AP | MEMATTR | TYPE | VALID |
 * +-------+-----+----+-----+------+---------+------+-------+
 * </pre>
 */
public final class Stage2Descriptor {

    private static final String SECTION = "D8.3";

    /** Bits 54:53: no execution: 0 all may, 2 nobody; 1 and 3 only EL0 and EL1 may, with XNX. */
    public static final Field XN = Field.bits("XN", 54, 53, SECTION,
            "no execution: 0 all may, 2 nobody; 1 and 3 only EL0 and EL1 may, with XNX");
    /** Bit 52: one of a run of entries that make one larger page. */
    public static final Field CONTIGUOUS = Field.bit("CONTIGUOUS", 52, SECTION,
            "one of a run of entries that make one larger page");
    /** Bit 51: dirty bit modifier: hardware may make it writable. */
    public static final Field DBM = Field.bit("DBM", 51, SECTION, "dirty bit modifier: hardware may make it writable");
    /** Bits 47:12: next table, or page of 4 KiB. */
    public static final Field ADDR = Field.address("ADDR", 47, 12, SECTION, "next table, or page of 4 KiB");
    /** Bits 47:14: next table with a granule of 16 KiB, or page of 16 KiB. */
    public static final Field ADDR_16K = Field.address("ADDR_16K", 47, 14, SECTION,
            "next table with a granule of 16 KiB, or page of 16 KiB");
    /** Bits 47:16: next table with a granule of 64 KiB, or page of 64 KiB. */
    public static final Field ADDR_64K = Field.address("ADDR_64K", 47, 16, SECTION,
            "next table with a granule of 64 KiB, or page of 64 KiB");
    /** Bits 47:21: block of 2 MiB. */
    public static final Field ADDR_2M = Field.address("ADDR_2M", 47, 21, SECTION, "block of 2 MiB");
    /** Bits 47:25: block of 32 MiB. */
    public static final Field ADDR_32M = Field.address("ADDR_32M", 47, 25, SECTION, "block of 32 MiB");
    /** Bits 47:29: block of 512 MiB. */
    public static final Field ADDR_512M = Field.address("ADDR_512M", 47, 29, SECTION, "block of 512 MiB");
    /** Bits 47:30: block of 1 GiB. */
    public static final Field ADDR_1G = Field.address("ADDR_1G", 47, 30, SECTION, "block of 1 GiB");
    /** Bits 15:12: bits 51:48 of the address, with a granule of 64 KiB. */
    public static final Field ADDR_HIGH = Field.bits("ADDR_HIGH", 15, 12, SECTION,
            "bits 51:48 of the address, with a granule of 64 KiB");
    /** Bit 10: access flag. */
    public static final Field AF = Field.bit("AF", 10, SECTION, "access flag");
    /** Bits 9:8: shareability: 0 non-shareable, 2 outer, 3 inner. */
    public static final Field SH = Field.bits("SH", 9, 8, SECTION, "shareability: 0 non-shareable, 2 outer, 3 inner");
    /** Bits 7:6: bit 6 allows reads, bit 7 writes. */
    public static final Field S2AP = Field.bits("S2AP", 7, 6, SECTION, "bit 6 allows reads, bit 7 writes");
    /** Bits 5:2: memory type. */
    public static final Field MEMATTR = Field.bits("MEMATTR", 5, 2, SECTION, "memory type");
    /** Bit 1: table or page; clear for a block. */
    public static final Field TYPE = Field.bit("TYPE", 1, SECTION, "table or page; clear for a block");
    /** Bit 0: valid. */
    public static final Field VALID = Field.bit("VALID", 0, SECTION, "valid");

    /** Pointer to a table, granule of 4 KiB. */
    public static final Layout TABLE = Layout.of("Stage 2 descriptor, table", SECTION, 64,
            Field.ignored(63, 51, SECTION), Field.reserved(50, 48, SECTION), ADDR, Field.ignored(11, 2, SECTION),
            TYPE, VALID);

    /** Pointer to a table, granule of 16 KiB. */
    public static final Layout TABLE_16K = Layout.of("Stage 2 descriptor, table, granule of 16 KiB", SECTION, 64,
            Field.ignored(63, 51, SECTION), Field.reserved(50, 48, SECTION), ADDR_16K,
            Field.ignored(13, 12, SECTION), Field.ignored(11, 2, SECTION), TYPE, VALID);

    /** Pointer to a table, granule of 64 KiB. */
    public static final Layout TABLE_64K = Layout.of("Stage 2 descriptor, table, granule of 64 KiB", SECTION, 64,
            Field.ignored(63, 51, SECTION), Field.reserved(50, 48, SECTION), ADDR_64K, ADDR_HIGH,
            Field.ignored(11, 2, SECTION), TYPE, VALID);

    /** Block of 1 GiB: level 1, granule of 4 KiB. */
    public static final Layout BLOCK_1G = Layout.of("Stage 2 descriptor, block of 1 GiB", SECTION, 64,
            Field.ignored(63, 55, SECTION), XN, CONTIGUOUS, DBM, Field.reserved(50, 48, SECTION), ADDR_1G,
            Field.reserved(29, 17, SECTION), Field.ignored(16, 16, SECTION), Field.reserved(15, 12, SECTION),
            Field.ignored(11, 11, SECTION), AF, SH, S2AP, MEMATTR, TYPE, VALID);

    /** Block of 512 MiB: level 2, granule of 64 KiB. */
    public static final Layout BLOCK_512M = Layout.of("Stage 2 descriptor, block of 512 MiB", SECTION, 64,
            Field.ignored(63, 55, SECTION), XN, CONTIGUOUS, DBM, Field.reserved(50, 48, SECTION), ADDR_512M,
            Field.reserved(28, 17, SECTION), Field.ignored(16, 16, SECTION), ADDR_HIGH,
            Field.ignored(11, 11, SECTION), AF, SH, S2AP, MEMATTR, TYPE, VALID);

    /** Block of 32 MiB: level 2, granule of 16 KiB. */
    public static final Layout BLOCK_32M = Layout.of("Stage 2 descriptor, block of 32 MiB", SECTION, 64,
            Field.ignored(63, 55, SECTION), XN, CONTIGUOUS, DBM, Field.reserved(50, 48, SECTION), ADDR_32M,
            Field.reserved(24, 17, SECTION), Field.ignored(16, 16, SECTION), Field.reserved(15, 12, SECTION),
            Field.ignored(11, 11, SECTION), AF, SH, S2AP, MEMATTR, TYPE, VALID);

    /** Block of 2 MiB: level 2, granule of 4 KiB. */
    public static final Layout BLOCK_2M = Layout.of("Stage 2 descriptor, block of 2 MiB", SECTION, 64,
            Field.ignored(63, 55, SECTION), XN, CONTIGUOUS, DBM, Field.reserved(50, 48, SECTION), ADDR_2M,
            Field.reserved(20, 17, SECTION), Field.ignored(16, 16, SECTION), Field.reserved(15, 12, SECTION),
            Field.ignored(11, 11, SECTION), AF, SH, S2AP, MEMATTR, TYPE, VALID);

    /** Page of 64 KiB. */
    public static final Layout PAGE_64K = Layout.of("Stage 2 descriptor, page of 64 KiB", SECTION, 64,
            Field.ignored(63, 55, SECTION), XN, CONTIGUOUS, DBM, Field.reserved(50, 48, SECTION), ADDR_64K,
            ADDR_HIGH, Field.ignored(11, 11, SECTION), AF, SH, S2AP, MEMATTR, TYPE, VALID);

    /** Page of 16 KiB. */
    public static final Layout PAGE_16K = Layout.of("Stage 2 descriptor, page of 16 KiB", SECTION, 64,
            Field.ignored(63, 55, SECTION), XN, CONTIGUOUS, DBM, Field.reserved(50, 48, SECTION), ADDR_16K,
            Field.reserved(13, 12, SECTION), Field.ignored(11, 11, SECTION), AF, SH, S2AP, MEMATTR, TYPE, VALID);

    /** Page of 4 KiB. */
    public static final Layout PAGE_4K = Layout.of("Stage 2 descriptor, page of 4 KiB", SECTION, 64,
            Field.ignored(63, 55, SECTION), XN, CONTIGUOUS, DBM, Field.reserved(50, 48, SECTION), ADDR,
            Field.ignored(11, 11, SECTION), AF, SH, S2AP, MEMATTR, TYPE, VALID);

    /** All forms, tables first. */
    public static final List<Layout> LAYOUTS = List.of(TABLE, TABLE_16K, TABLE_64K, BLOCK_1G, BLOCK_512M, BLOCK_32M, BLOCK_2M,
            PAGE_64K, PAGE_16K, PAGE_4K);

    /** Size of one. */
    public static final int BYTES = 8;

    /** {@link #SH}: outer shareable. */
    public static final int SH_OUTER = 0b10;

    /** {@link #SH}: inner shareable. */
    public static final int SH_INNER = 0b11;

    /** {@link #S2AP}: reads are allowed. */
    public static final int S2AP_READ = 0b01;

    /** {@link #S2AP}: writes are allowed. */
    public static final int S2AP_WRITE = 0b10;

    /** {@link #MEMATTR}: device memory, nGnRE. */
    public static final int MEMATTR_DEVICE = 0b0001;

    /** {@link #MEMATTR}: normal memory, not cached. */
    public static final int MEMATTR_NON_CACHEABLE = 0b0101;

    /** {@link #MEMATTR}: normal memory, write-back, with forced write-back (S2FWB). */
    public static final int MEMATTR_FORCED_WRITE_BACK = 0b0110;

    /** {@link #MEMATTR}: normal memory, write-back. */
    public static final int MEMATTR_WRITE_BACK = 0b1111;

    private Stage2Descriptor() {
    }
}
