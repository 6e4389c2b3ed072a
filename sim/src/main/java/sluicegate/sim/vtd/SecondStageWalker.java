package sluicegate.sim.vtd;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * The walk of second-stage page tables in legacy mode (VT-d 3.7, entry formats 9.8, fault conditions LSL and LGN of 7.1), from the
 * top or from where the paging-structure cache knows to begin. Allocates nothing.
 */
final class SecondStageWalker {
    private static final int INDEX_MASK = 511;

    private final PhysicalMemory memory;
    private final SecondStageMasks masks;
    private final PagingStructures structures;

    SecondStageWalker(PhysicalMemory memory, VtdCapabilities capabilities, PagingStructures structures) {
        this.memory = memory;
        this.structures = structures;
        this.masks = new SecondStageMasks(capabilities);
    }

    /**
     * Walks down to the page that holds an address.
     *
     * @param context a {@link ContextWord} that says where the topmost table is
     * @param access {@link RequestAccess} bits
     * @param since the epoch before anything was read, for the cache
     * @return a {@link LeafWord}, which may be a fault
     */
    long walk(long context, long iova, int access, long since) {
        long known = structures.find(ContextWord.did(context), iova);
        if (known != PagingStructures.NONE) {
            long leaf = fromTable(known, iova, access);
            if (leaf != LeafWord.NONE) {
                return leaf;
            }
        }
        return fromTop(context, iova, access, since);
    }

    /** The page, if there is a good one in a table of small pages. */
    private long fromTable(long known, long iova, int access) {
        long address = PagingStructures.table(known) + ((iova >>> 12 & INDEX_MASK) << 3);
        if (!memory.contains(address, SecondStageEntry.BYTES)) {
            return LeafWord.NONE;
        }
        long entry = memory.get64Acquire(address);
        long granted = known & entry;
        boolean good = (access & ~(int) granted & RequestAccess.ATOMIC) == 0 && (granted & SecondStageEntry.RW) != 0
                && (entry & masks.reserved(1, true)) == 0;
        return good ? LeafWord.page(entry & SecondStageMasks.pageAddress(1), 1, granted & SecondStageEntry.RW) : LeafWord.NONE;
    }

    private long fromTop(long context, long iova, int access, long since) {
        int levels = ContextWord.levels(context);
        long at = ContextWord.table(context);
        long granted = SecondStageEntry.RW;
        for (int level = levels; ; level--) {
            long address = at + ((iova >>> 12 + 9 * (level - 1) & INDEX_MASK) << 3);
            if (!memory.contains(address, SecondStageEntry.BYTES)) {
                // A topmost table that can't be read is the context entry's fault (LCT.4), another one its upper entry's (LSL.1).
                return LeafWord.malformed(level == levels
                        ? FaultReason.CONTEXT_ENTRY_INVALID : FaultReason.SECOND_STAGE_ENTRY_UNREADABLE);
            }
            long entry = memory.get64Acquire(address);
            if (level == 1) {
                structures.fill(ContextWord.did(context), iova, at, granted, since);
            }
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
