package sluicegate.pgtable;

import sluicegate.api.types.Prot;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;

/**
 * Translation tables of the Arm architecture in their VMSAv8-64 form, as SMMUv3 walks them: DDI 0487, section D8.3, with the
 * attributes that {@code drivers/iommu/io-pgtable-arm.c} chooses.
 *
 * <p>Granules of 4 KiB, 16 KiB and 64 KiB; the depth follows from the width of an IOVA. A table of stage 2 whose top level
 * would have no more than 16 entries begins one level lower, with that many tables side by side. Physical addresses have at
 * most 48 bits. A page size that is a run of 16 (with larger granules 32 or 128) smaller pages is written with the contiguous
 * hint.
 *
 * <p>Levels are those of {@link PageTableFormat}: 1 holds pages. The manual counts the other way: 3 holds pages.
 *
 * <p>Stage 1 can't forbid reads, so a write-only mapping can be read as well. Pages are not global and have their access
 * flag set. The attribute indices are those that {@link #MAIR} explains; the driver writes that into its context
 * descriptors.
 *
 * <p>One class for both stages: a driver uses both, and its walker is to see one class only. Permissions are looked up and
 * not computed, in a table that is made with the format.
 */
public final class ArmLpae extends PageTableFormat {
    /** What the attribute indices of stage 1 mean, eight bits each: 0 not cached, 1 write-back, 2 device nGnRE. */
    public static final long MAIR = 0xff44L | 0x04L << 16;

    /** Pages and blocks of a granule of 4 KiB. */
    public static final long SIZES_4K = 1L << 12 | 1L << 21 | 1L << 30;
    /** Pages and blocks of a granule of 16 KiB. */
    public static final long SIZES_16K = 1L << 14 | 1L << 25;
    /** Pages and blocks of a granule of 64 KiB. */
    public static final long SIZES_64K = 1L << 16 | 1L << 29;

    private static final int INDEX_NON_CACHEABLE = 0;
    private static final int INDEX_CACHEABLE = 1;
    private static final int INDEX_DEVICE = 2;

    private static final int OUTPUT_BITS = 48;
    private static final int MAX_CONCATENATED_BITS = 4;
    private static final int PROTS = 64;
    private static final long VALID = Stage1Descriptor.VALID.mask();
    /** Set in tables and pages, clear in blocks. */
    private static final long TYPE = Stage1Descriptor.TYPE.mask();
    private static final long CONTIGUOUS = Stage1Descriptor.CONTIGUOUS.mask();
    private static final long ADDRESS = Stage1Descriptor.ADDR.mask();
    private static final long NO_EXECUTE = Stage1Descriptor.UXN.mask() | Stage1Descriptor.PXN.mask();

    private final boolean stage1;
    private final int outputBits;
    /** Attributes by {@link Prot} bits. */
    private final long[] attributes = new long[PROTS];

    private ArmLpae(boolean stage1, int granuleShift, int levels, int inputBits, int outputBits, long pageSizes,
            boolean forcedWriteBack, boolean dirtyState) {
        super(stage1 ? "Arm LPAE stage 1" : "Arm LPAE stage 2", granuleShift, levels, inputBits, pageSizes);
        this.stage1 = stage1;
        this.outputBits = Math.min(outputBits, OUTPUT_BITS);
        for (int prot = 0; prot < PROTS; prot++) {
            attributes[prot] = VALID | (stage1 ? stage1(prot, dirtyState) : stage2(prot, forcedWriteBack));
        }
    }

    /**
     * Tables of stage 1.
     *
     * @param granuleShift 12, 14 or 16
     * @param inputBits width of an IOVA: at most 48
     * @param outputBits width of a physical (or intermediate) address; more than 48 counts as 48
     * @param pageSizes those to use, the granule among them
     */
    public static ArmLpae stage1(int granuleShift, int inputBits, int outputBits, long pageSizes) {
        return new ArmLpae(true, granuleShift, levels(granuleShift, inputBits), inputBits, outputBits, pageSizes, false, false);
    }

    /**
     * Tables of stage 1 in which hardware keeps the dirty state (CD.HA and CD.HD): a page that may be written begins clean, which
     * is read-only with DBM set, and the first write makes it writable.
     */
    public static ArmLpae stage1WithDirtyState(int granuleShift, int inputBits, int outputBits, long pageSizes) {
        return new ArmLpae(true, granuleShift, levels(granuleShift, inputBits), inputBits, outputBits, pageSizes, false, true);
    }

    /**
     * Tables of stage 2.
     *
     * @param inputBits width of an IPA: at most 48
     * @param forcedWriteBack whether STE.S2FWB is set, which gives the memory types of descriptors another meaning
     */
    public static ArmLpae stage2(int granuleShift, int inputBits, int outputBits, long pageSizes, boolean forcedWriteBack) {
        int indexBits = granuleShift - 3;
        int levels = levels(granuleShift, inputBits);
        int topBits = inputBits - granuleShift - indexBits * (levels - 1);
        boolean concatenated = levels > 1 && topBits <= MAX_CONCATENATED_BITS;
        return new ArmLpae(false, granuleShift, concatenated ? levels - 1 : levels, inputBits, outputBits, pageSizes,
                forcedWriteBack, false);
    }

    private static int levels(int granuleShift, int inputBits) {
        if (granuleShift != 12 && granuleShift != 14 && granuleShift != 16 || inputBits > 48) {
            throw new IllegalArgumentException("Arm LPAE has no granule of 2^" + granuleShift + " bytes for IOVAs of "
                    + inputBits + " bits");
        }
        int indexBits = granuleShift - 3;
        return (inputBits - granuleShift + indexBits - 1) / indexBits;
    }

    private static long stage1(int prot, boolean dirtyState) {
        boolean clean = dirtyState && (prot & Prot.WRITE) != 0;
        long entry = Stage1Descriptor.NG.mask() | Stage1Descriptor.AF.mask() | (clean ? Stage1Descriptor.DBM.mask() : 0);
        int ap = ((prot & Prot.WRITE) == 0 || clean ? Stage1Descriptor.AP_READ_ONLY : 0)
                | ((prot & Prot.PRIV) == 0 ? Stage1Descriptor.AP_UNPRIVILEGED : 0);
        int index = (prot & Prot.MMIO) != 0 ? INDEX_DEVICE
                : (prot & Prot.CACHE) != 0 ? INDEX_CACHEABLE : INDEX_NON_CACHEABLE;
        entry = Stage1Descriptor.AP.set(entry, ap);
        entry = Stage1Descriptor.ATTRINDX.set(entry, index);
        return entry | common(prot);
    }

    private static long stage2(int prot, boolean forcedWriteBack) {
        int permissions = ((prot & Prot.READ) != 0 ? Stage2Descriptor.S2AP_READ : 0)
                | ((prot & Prot.WRITE) != 0 ? Stage2Descriptor.S2AP_WRITE : 0);
        int writeBack = forcedWriteBack
                ? Stage2Descriptor.MEMATTR_FORCED_WRITE_BACK
                : Stage2Descriptor.MEMATTR_WRITE_BACK;
        int type = (prot & Prot.MMIO) != 0 ? Stage2Descriptor.MEMATTR_DEVICE
                : (prot & Prot.CACHE) != 0 ? writeBack : Stage2Descriptor.MEMATTR_NON_CACHEABLE;
        long entry = Stage2Descriptor.S2AP.set(Stage2Descriptor.AF.mask(), permissions);
        return Stage2Descriptor.MEMATTR.set(entry, type) | common(prot);
    }

    /** What both stages have in the same bits. */
    private static long common(int prot) {
        int shareability = (prot & Prot.CACHE) != 0 ? Stage1Descriptor.SH_INNER : Stage1Descriptor.SH_OUTER;
        return Stage1Descriptor.SH.set(0, shareability) | ((prot & Prot.NOEXEC) != 0 ? NO_EXECUTE : 0);
    }

    /** The level where a walk starts, as the manual counts: 0 to 3. */
    public int startLevel() {
        return 4 - levels();
    }

    /** The level where a walk of stage 2 starts, as STE.S2SL0 encodes it: otherwise for 4 KiB than for larger granules. */
    public int startLevelCode() {
        return granuleShift() == 12 ? 2 - startLevel() & 3 : 3 - startLevel();
    }

    @Override
    public long tableEntry(int level, long table) {
        return table | TYPE | VALID;
    }

    @Override
    public long tableAddress(long entry) {
        return entry & ADDRESS;
    }

    @Override
    public boolean isLeaf(int level, long entry) {
        return level == 1 || (entry & TYPE) == 0;
    }

    @Override
    public long leaf(int level, int pageShift, long address, int prot) {
        return address | attributes[prot & PROTS - 1] | (level == 1 ? TYPE : 0)
                | (pageShift > shift(level) ? CONTIGUOUS : 0);
    }

    @Override
    public long leafAddress(int level, long entry) {
        long address = entry & ADDRESS;
        return (entry & CONTIGUOUS) == 0 ? address : address & -1L << leafShift(level, entry);
    }

    @Override
    public int leafProt(int level, long entry) {
        int prot = (entry & NO_EXECUTE) != 0 ? Prot.NOEXEC : 0;
        return prot | (stage1 ? stage1Prot(entry) : stage2Prot(entry));
    }

    private static int stage1Prot(long entry) {
        long ap = Stage1Descriptor.AP.get(entry);
        int prot = Prot.READ
                | ((ap & Stage1Descriptor.AP_READ_ONLY) == 0 || Stage1Descriptor.DBM.isSet(entry) ? Prot.WRITE : 0)
                | ((ap & Stage1Descriptor.AP_UNPRIVILEGED) == 0 ? Prot.PRIV : 0);
        return switch ((int) Stage1Descriptor.ATTRINDX.get(entry)) {
            case INDEX_CACHEABLE -> prot | Prot.CACHE;
            case INDEX_DEVICE -> prot | Prot.MMIO;
            default -> prot;
        };
    }

    private static int stage2Prot(long entry) {
        long permissions = Stage2Descriptor.S2AP.get(entry);
        int prot = ((permissions & Stage2Descriptor.S2AP_READ) != 0 ? Prot.READ : 0)
                | ((permissions & Stage2Descriptor.S2AP_WRITE) != 0 ? Prot.WRITE : 0);
        return switch ((int) Stage2Descriptor.MEMATTR.get(entry)) {
            case Stage2Descriptor.MEMATTR_WRITE_BACK, Stage2Descriptor.MEMATTR_FORCED_WRITE_BACK -> prot | Prot.CACHE;
            case Stage2Descriptor.MEMATTR_DEVICE -> prot | Prot.MMIO;
            default -> prot;
        };
    }

    /** Whether a leaf of stage 1 with dirty state was written to. */
    public static boolean isDirty(long entry) {
        return Stage1Descriptor.DBM.isSet(entry) && (Stage1Descriptor.AP.get(entry) & Stage1Descriptor.AP_READ_ONLY) == 0;
    }

    /** The same leaf as if it had not been written to. */
    public static long clean(long entry) {
        return Stage1Descriptor.AP.set(entry, Stage1Descriptor.AP.get(entry) | Stage1Descriptor.AP_READ_ONLY);
    }

    @Override
    public int leafShift(int level, long entry) {
        return shift(level) + ((entry & CONTIGUOUS) == 0 ? 0 : runShift(level));
    }

    /** log2 of how many entries a run with the contiguous hint has. */
    private int runShift(int level) {
        return switch (granuleShift()) {
            case 12 -> 4;
            case 14 -> level == 1 ? 7 : 5;
            default -> 5;
        };
    }

    @Override
    public int outputBits() {
        return outputBits;
    }
}
