package sluicegate.pgtable;

import sluicegate.api.types.Prot;
import sluicegate.spec.amdvi.GuestPageEntry;

/**
 * Page tables of a 64-bit x86 processor, which AMD's IOMMU walks as guest tables ("v2": section 2.2.6 of its specification) and
 * Intel's as first stage (section 9.7 of that one), with the choices of {@code drivers/iommu/generic_pt/fmt/x86_64.h}.
 *
 * <p>4 or 5 levels of 512 entries; pages of 4 KiB, 2 MiB and 1 GiB. Addresses are those of the lower half, 47 or 56 bits:
 * the other half begins where the bits above are ones. A present page can always be read, so a write-only mapping can be
 * read as well. {@link Prot#NOEXEC} sets the execute-disable bit where that is not reserved; {@link Prot#PRIV} takes the page from
 * requests without supervisor privilege, which are most. Accessed and dirty bits are set from the start, so that hardware
 * needs no locked write for them. {@link Prot#CACHE} has no bit.
 */
public final class X86LongMode extends PageTableFormat {
    /** The sizes that there are. */
    public static final long ALL_SIZES = 1L << 12 | 1L << 21 | 1L << 30;

    private static final long P = GuestPageEntry.P.mask();
    private static final long RW = GuestPageEntry.RW.mask();
    private static final long US = GuestPageEntry.US.mask();
    private static final long A = GuestPageEntry.A.mask();
    private static final long D = GuestPageEntry.D.mask();
    private static final long PS = GuestPageEntry.PS.mask();
    private static final long NX = GuestPageEntry.NX.mask();
    private static final long ADDRESS = GuestPageEntry.ADDR.mask();
    private static final long LARGE_ADDRESS = GuestPageEntry.ADDR_2M.mask();

    private final long noExecute;

    /**
     * @param levels 4 or 5
     * @param pageSizes those of {@link #ALL_SIZES} to use
     * @param noExecute whether pages can forbid execution: the bit is reserved otherwise
     */
    public X86LongMode(int levels, long pageSizes, boolean noExecute) {
        super("x86 long mode", 12, levels, 12 + 9 * levels - 1, pageSizes & ALL_SIZES);
        if (levels != 4 && levels != 5) {
            throw new IllegalArgumentException("x86 long mode has no tables of " + levels + " levels");
        }
        this.noExecute = noExecute ? NX : 0;
    }

    @Override
    public long tableEntry(int level, long table) {
        return table | A | US | RW | P;
    }

    @Override
    public long tableAddress(long entry) {
        return entry & ADDRESS;
    }

    @Override
    public boolean isLeaf(int level, long entry) {
        return level == 1 || (entry & PS) != 0;
    }

    @Override
    public long leaf(int level, int pageShift, long address, int prot) {
        return address | A | P
                | ((prot & Prot.WRITE) != 0 ? RW | D : 0)
                | ((prot & Prot.PRIV) != 0 ? 0 : US)
                | ((prot & Prot.NOEXEC) != 0 ? noExecute : 0)
                | (level > 1 ? PS : 0);
    }

    @Override
    public long leafAddress(int level, long entry) {
        return entry & (level == 1 ? ADDRESS : LARGE_ADDRESS);
    }

    @Override
    public int leafProt(int level, long entry) {
        return Prot.READ
                | ((entry & RW) != 0 ? Prot.WRITE : 0)
                | ((entry & US) != 0 ? 0 : Prot.PRIV)
                | ((entry & NX) != 0 ? Prot.NOEXEC : 0);
    }

    @Override
    public int outputBits() {
        return GuestPageEntry.ADDR.high() + 1;
    }
}
