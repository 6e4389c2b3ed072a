package sluicegate.sim.vtd;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * The walk of second-stage page tables (VT-d 3.7, entry formats 9.8, fault conditions LSL and LGN of 7.1). Stateless;
 * allocates nothing.
 */
final class SecondStageWalker {
    private static final int MAX_LEVELS = 5;
    private static final int INDEX_MASK = 511;
    /** Address bits of a page, by level. */
    private static final long[] PAGE_ADDRESS = {0, SecondStageEntry.ADDR.mask(), SecondStageEntry.ADDR_2M.mask(),
        SecondStageEntry.ADDR_1G.mask()};

    private final PhysicalMemory memory;
    /** Bits that must be zero in a table entry and in a page entry, by level; for a level without pages PS is one. */
    private final long[] tableReserved = new long[MAX_LEVELS + 1];
    private final long[] pageReserved = new long[MAX_LEVELS + 1];

    SecondStageWalker(PhysicalMemory memory, VtdCapabilities capabilities) {
        this.memory = memory;
        long address = SecondStageEntry.ADDR.mask() & capabilities.beyondHostAddress();
        long page = address
                | (capabilities.snoopControl() ? 0 : SecondStageEntry.SNP.mask())
                | (capabilities.deviceTlb() ? 0 : SecondStageEntry.TM.mask());
        long ps = SecondStageEntry.PS.mask();
        boolean[] pages = {false, true, CapabilityRegister.supports2M(capabilities.cap()),
            CapabilityRegister.supports1G(capabilities.cap()), false, false};
        for (int level = 1; level <= MAX_LEVELS; level++) {
            tableReserved[level] = address | SecondStageEntry.layout(level, 0).reservedMask(0);
            pageReserved[level] = pages[level]
                    ? page | SecondStageEntry.layout(level, ps).reservedMask(0)
                    : tableReserved[level] | ps;
        }
    }

    /**
     * Walks from the topmost table down to the page that holds an address.
     *
     * @param table physical address of the topmost table
     * @param levels its level, 3 to 5
     * @param access {@link RequestAccess} bits
     * @return a {@link LeafWord}, which may be a fault
     */
    long walk(long table, int levels, long iova, int access) {
        long at = table;
        long granted = SecondStageEntry.RW;
        for (int level = levels; ; level--) {
            long address = at + ((iova >>> 12 + 9 * (level - 1) & INDEX_MASK) << 3);
            if (!memory.contains(address, SecondStageEntry.BYTES)) {
                return LeafWord.malformed(FaultReason.SECOND_STAGE_ENTRY_UNREADABLE);
            }
            long entry = memory.get64Acquire(address);
            granted &= entry;
            if ((entry & SecondStageEntry.RW) == 0) {
                return LeafWord.notPresent();
            }
            int missing = access & ~(int) granted & RequestAccess.ATOMIC;
            if (missing != 0) {
                return refusal(level, entry, granted, missing);
            }
            boolean leaf = SecondStageEntry.isLeaf(level, entry);
            if ((entry & (leaf ? pageReserved : tableReserved)[level]) != 0) {
                return LeafWord.malformed(FaultReason.SECOND_STAGE_ENTRY_RESERVED);
            }
            if (leaf) {
                return LeafWord.page(entry & PAGE_ADDRESS[level], level, granted);
            }
            at = entry & SecondStageEntry.ADDR.mask();
        }
    }

    /** A permission is missing. At a good leaf the page is what it is, and worth keeping; further up the walk ends. */
    private long refusal(int level, long entry, long granted, int missing) {
        if (SecondStageEntry.isLeaf(level, entry) && (entry & pageReserved[level]) == 0
                && granted != 0) {
            return LeafWord.page(entry & PAGE_ADDRESS[level], level, granted);
        }
        return LeafWord.refused(LeafWord.missing(missing));
    }
}
