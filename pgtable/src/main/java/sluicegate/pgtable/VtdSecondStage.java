package sluicegate.pgtable;

import sluicegate.api.types.Prot;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * Second-stage tables of Intel VT-d: section 9.8 of its architecture specification for the entries, 3.7 for the walk
 * ({@code drivers/iommu/generic_pt/fmt/vtdss.h}).
 *
 * <p>3, 4 or 5 levels of 512 entries; pages of 4 KiB, and of 2 MiB and 1 GiB where CAP.SSLPS has them. Permissions stand
 * in every level and are the intersection of them, so tables grant everything and leaves decide. Legacy mode can't forbid
 * execution: {@link Prot#NOEXEC} is ignored. {@link Prot#CACHE} sets SNP, which is reserved without ECAP.SC: the driver
 * leaves it out of the protection then.
 */
public final class VtdSecondStage extends PageTableFormat {
    private static final long R = SecondStageEntry.R.mask();
    private static final long W = SecondStageEntry.W.mask();
    private static final long PS = SecondStageEntry.PS.mask();
    private static final long SNP = SecondStageEntry.SNP.mask();
    private static final long ADDRESS = SecondStageEntry.ADDR.mask();

    /**
     * @param width how wide the IOVAs are, and with that the number of levels
     * @param pageSizes of 4 KiB, 2 MiB and 1 GiB those that the unit has
     */
    public VtdSecondStage(AddressWidth width, long pageSizes) {
        super("VT-d second stage", 12, width.levels(), width.bits(), pageSizes);
    }

    @Override
    public long tableEntry(int level, long table) {
        return table | R | W;
    }

    @Override
    public long tableAddress(long entry) {
        return entry & ADDRESS;
    }

    @Override
    public boolean isLeaf(int level, long entry) {
        return level == 1 || level <= 3 && (entry & PS) != 0;
    }

    @Override
    public long leaf(int level, int pageShift, long address, int prot) {
        return address
                | ((prot & Prot.READ) != 0 ? R : 0)
                | ((prot & Prot.WRITE) != 0 ? W : 0)
                | ((prot & Prot.CACHE) != 0 ? SNP : 0)
                | (level > 1 ? PS : 0);
    }

    @Override
    public long leafAddress(int level, long entry) {
        return entry & ADDRESS;
    }

    @Override
    public int leafProt(int level, long entry) {
        return ((entry & R) != 0 ? Prot.READ : 0)
                | ((entry & W) != 0 ? Prot.WRITE : 0)
                | ((entry & SNP) != 0 ? Prot.CACHE : 0);
    }

    @Override
    public int outputBits() {
        return SecondStageEntry.ADDR.high() + 1;
    }
}
