package sluicegate.pgtable;

import sluicegate.api.types.Prot;
import sluicegate.spec.amdvi.HostPageEntry;

/**
 * Host page tables of AMD's IOMMU ("v1"): section 2.2.3 of its specification, with the choices of
 * {@code drivers/iommu/generic_pt/fmt/amdv1.h}.
 *
 * <p>1 to 6 levels of 512 entries; of the sixth 32 are used, which is enough for 62 bits. Every
 * power of two from 4 KiB to 2 PiB can be a page: of the size that an entry covers with next level 0, between such sizes
 * with next level 7, the size in the low bits of the address and the same entry as often as it takes. The sixth level
 * holds no pages. Permissions are intersected along the way, so tables grant everything and leaves decide. Nothing can
 * forbid execution: {@link Prot#NOEXEC} is ignored. {@link Prot#CACHE} sets FC.
 *
 * <p>Tables written here skip no level, and tables that skip levels can't be taken over.
 */
public final class AmdHost extends PageTableFormat {
    /** All sizes but 512 GiB, which real units don't get right, says Linux. */
    public static final long ALL_SIZES = (1L << 52) - (1L << 12) & ~(1L << 39);

    /** Enough, and ends of ranges stay positive. */
    private static final int MAX_WIDTH = 62;

    private static final long PR = HostPageEntry.PR.mask();
    private static final long IR = HostPageEntry.IR.mask();
    private static final long IW = HostPageEntry.IW.mask();
    private static final long FC = HostPageEntry.FC.mask();
    private static final long ADDRESS = HostPageEntry.ADDR.mask();
    private static final long NEXT = HostPageEntry.NEXT.mask();
    private static final int NEXT_SHIFT = HostPageEntry.NEXT.low();

    /**
     * @param levels 1 to 6: the mode in the device table entry
     * @param pageSizes those to use; what doesn't fit into the levels is left out
     */
    public AmdHost(int levels, long pageSizes) {
        super("AMD host", 12, levels, width(levels), pageSizes & ALL_SIZES & (1L << width(levels)) - 1);
        if (levels > HostPageEntry.MAX_LEVELS) {
            throw new IllegalArgumentException("AMD host tables have no " + levels + " levels");
        }
    }

    private static int width(int levels) {
        return Math.min(12 + 9 * levels, MAX_WIDTH);
    }

    @Override
    public long tableEntry(int level, long table) {
        return table | IR | IW | PR | (long) (level - 1) << NEXT_SHIFT;
    }

    @Override
    public long tableAddress(long entry) {
        return entry & ADDRESS;
    }

    @Override
    public boolean isLeaf(int level, long entry) {
        // Next level 7 becomes 0, 0 becomes 1, all others more.
        return (entry + (1L << NEXT_SHIFT) & NEXT) <= 1L << NEXT_SHIFT;
    }

    @Override
    public long leaf(int level, int pageShift, long address, int prot) {
        return address | PR
                | ((prot & Prot.READ) != 0 ? IR : 0)
                | ((prot & Prot.WRITE) != 0 ? IW : 0)
                | ((prot & Prot.CACHE) != 0 ? FC : 0)
                | (pageShift > shift(level) ? (1L << pageShift - 1) - 1 & ADDRESS | NEXT : 0);
    }

    @Override
    public long leafAddress(int level, long entry) {
        long address = entry & ADDRESS;
        return (entry & NEXT) == 0 ? address : address & -1L << leafShift(level, entry);
    }

    @Override
    public int leafProt(int level, long entry) {
        return ((entry & IR) != 0 ? Prot.READ : 0)
                | ((entry & IW) != 0 ? Prot.WRITE : 0)
                | ((entry & FC) != 0 ? Prot.CACHE : 0);
    }

    @Override
    public int leafShift(int level, long entry) {
        return (entry & NEXT) == 0 ? shift(level) : Long.numberOfTrailingZeros(~(entry | 0xFFF)) + 1;
    }

    @Override
    public long entryStep(int level) {
        return 0;
    }

    @Override
    public int outputBits() {
        return HostPageEntry.ADDR.high() + 1;
    }
}
