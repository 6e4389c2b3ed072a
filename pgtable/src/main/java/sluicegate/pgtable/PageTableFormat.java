package sluicegate.pgtable;

/**
 * The bits of one kind of page table: geometry, and what an entry says. All that a format has to provide; it never
 * touches memory.
 *
 * <p>Levels count from 1, whose entries map the smallest page (the granule), up to {@link #levels}, the top table. An entry
 * is empty if, and only if, it is zero; otherwise it is a leaf, which maps a page, or points to a table of the next lower
 * level. A table has as many 8-byte entries as fit in a granule, except that the top table is as large as the input
 * width needs (which allows for concatenated tables).
 *
 * <p>A page may be larger than what one entry of its level covers: then it takes several neighbouring entries. Their
 * addresses either go up from entry to entry (Arm's contiguous hint) or are the same in all of them (AMD's encoded
 * sizes); see {@link #entryStep}.
 *
 * <p>An abstract class and not an interface, because a virtual call to the only subclass that is loaded costs nothing.
 * Subclasses are final, immutable and free of allocation.
 */
public abstract class PageTableFormat {
    private final String name;
    private final int levels;
    private final int inputBits;
    private final int granuleShift;
    private final long pageSizes;
    /** By the size of a page as a power of two: a division for each map would cost as much as the rest of it. */
    private final byte[] leafLevels = new byte[Long.SIZE];

    /**
     * @param name the manual's name for it, for messages
     * @param granuleShift log2 of the smallest page, which is the size of a table too
     * @param levels number of levels that are walked
     * @param inputBits width of an IOVA; not more than the levels can resolve, except for a wider top table
     * @param pageSizes sizes of leaves, as a sum of powers of two
     */
    protected PageTableFormat(String name, int granuleShift, int levels, int inputBits, long pageSizes) {
        int indexBits = granuleShift - 3;
        int topShift = granuleShift + indexBits * (levels - 1);
        if (levels < 1 || inputBits <= topShift || inputBits > 63 || (pageSizes & ((1L << granuleShift) - 1)) != 0) {
            throw new IllegalArgumentException(name + ": " + levels + " levels, " + inputBits + " bits and page sizes 0x"
                    + Long.toHexString(pageSizes) + " make no page table");
        }
        this.name = name;
        this.granuleShift = granuleShift;
        this.levels = levels;
        this.inputBits = inputBits;
        this.pageSizes = pageSizes;
        for (int pageShift = granuleShift; pageShift < leafLevels.length; pageShift++) {
            leafLevels[pageShift] = (byte) Math.min((pageShift - granuleShift) / indexBits + 1, levels);
        }
    }

    /** The manual's name. */
    public final String name() {
        return name;
    }

    /** Number of levels; the top table is of this level. */
    public final int levels() {
        return levels;
    }

    /** Width of an IOVA in bits. */
    public final int inputBits() {
        return inputBits;
    }

    /** log2 of the smallest page. */
    public final int granuleShift() {
        return granuleShift;
    }

    /** Page sizes that can be mapped, as a sum of powers of two. */
    public final long pageSizes() {
        return pageSizes;
    }

    /** log2 of the bytes that one entry of a level covers. */
    public final int shift(int level) {
        return granuleShift + (granuleShift - 3) * (level - 1);
    }

    /** The entry's place in its table, in bytes from the table's start. */
    public final long slotOffset(int level, long iova) {
        // The top table is indexed by all bits that are left: the walker has checked that none is above the input width.
        long index = iova >>> shift(level);
        return (level == levels ? index : index & (1L << granuleShift - 3) - 1) << 3;
    }

    /** How many entries a table of the level has. */
    public final long entries(int level) {
        return level == levels ? 1L << inputBits - shift(level) : 1L << granuleShift - 3;
    }

    /** Size in bytes of a table of the level. */
    public final long tableBytes(int level) {
        return level == levels ? Math.max(entries(level) << 3, 1L << granuleShift) : 1L << granuleShift;
    }

    /** The level whose entries map pages of that size: the highest whose entries are not larger. */
    public final int leafLevel(int pageShift) {
        return leafLevels[pageShift];
    }

    /**
     * The entry that points to a table.
     *
     * @param level the level of the entry; the table is of the level below
     */
    public abstract long tableEntry(int level, long table);

    /** Where the table is that an entry points to. Only for entries that are not empty and no leaf. */
    public abstract long tableAddress(long entry);

    /** Whether a non-empty entry maps a page. */
    public abstract boolean isLeaf(int level, long entry);

    /**
     * The entry that maps a page: the first, if the page takes several.
     *
     * @param pageShift log2 of the page's size, which is one of {@link #pageSizes}
     * @param address physical address, a multiple of the page's size
     * @param prot {@link sluicegate.api.types.Prot} bits; those that the format has no bit for are ignored
     */
    public abstract long leaf(int level, int pageShift, long address, int prot);

    /** The physical address of the page that a leaf maps. */
    public abstract long leafAddress(int level, long entry);

    /** The {@link sluicegate.api.types.Prot} bits that a leaf grants. */
    public abstract int leafProt(int level, long entry);

    /** log2 of the size of the page that a leaf belongs to. */
    public int leafShift(int level, long entry) {
        return shift(level);
    }

    /**
     * What to add from one entry of a page to its next, if a page takes several entries of the level: the bytes that an
     * entry covers, or 0 where all are the same. Single-entry pages always go up by their size.
     */
    public long entryStep(int level) {
        return 1L << shift(level);
    }

    /** How many bits a physical address has at most. */
    public abstract int outputBits();
}
