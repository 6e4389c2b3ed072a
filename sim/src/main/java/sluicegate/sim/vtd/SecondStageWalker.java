package sluicegate.sim.vtd;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * The walk of second-stage page tables in legacy mode (VT-d 3.7, entry formats 9.8, fault conditions LSL and LGN of 7.1). Stateless;
 * allocates nothing.
 */
final class SecondStageWalker {
    private static final int INDEX_MASK = 511;

    private final PhysicalMemory memory;
    private final SecondStageMasks masks;

    SecondStageWalker(PhysicalMemory memory, VtdCapabilities capabilities) {
        this.memory = memory;
        this.masks = new SecondStageMasks(capabilities);
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
                // A topmost table that can't be read is the context entry's fault (LCT.4), another one its upper entry's (LSL.1).
                return LeafWord.malformed(level == levels
                        ? FaultReason.CONTEXT_ENTRY_INVALID : FaultReason.SECOND_STAGE_ENTRY_UNREADABLE);
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
            if ((entry & masks.reserved(level, leaf)) != 0) {
                return LeafWord.malformed(FaultReason.SECOND_STAGE_ENTRY_RESERVED);
            }
            if (leaf) {
                return LeafWord.page(entry & SecondStageMasks.pageAddress(level), level, granted);
            }
            at = entry & SecondStageEntry.ADDR.mask();
        }
    }

    /** A permission is missing. At a good leaf the page is what it is, and worth keeping; further up the walk ends. */
    private long refusal(int level, long entry, long granted, int missing) {
        if (SecondStageEntry.isLeaf(level, entry) && (entry & masks.reserved(level, true)) == 0
                && granted != 0) {
            return LeafWord.page(entry & SecondStageMasks.pageAddress(level), level, granted);
        }
        return LeafWord.refused(LeafWord.missing(missing));
    }
}
