package sluicegate.sim.vtd;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * The walk of second-stage page tables in scalable mode (VT-d 3.7, entry formats 9.8, fault conditions SSS and SGN of 7.1):
 * the tables of legacy mode, with accessed and dirty bits and execute permission where the PASID entry says so; from the top or from
 * where the paging-structure cache knows to begin. Allocates nothing.
 */
final class ScalableSecondStage {
    private static final int INDEX_MASK = 511;
    private static final long A = SecondStageEntry.A.mask();
    private static final long D = SecondStageEntry.D.mask();
    private static final long X = SecondStageEntry.X.mask();

    private final PhysicalMemory memory;
    private final SecondStageMasks masks;
    private final PagingStructures structures;

    ScalableSecondStage(PhysicalMemory memory, VtdCapabilities capabilities, PagingStructures structures) {
        this.memory = memory;
        this.structures = structures;
        this.masks = new SecondStageMasks(capabilities);
    }

    /**
     * Walks down to the page that holds an address.
     *
     * @param context says where the tables are and which bits of theirs count
     * @param access {@link RequestAccess} bits
     * @param since the epoch before anything was read; {@link CacheEpoch#NEVER} if nothing is to be changed, neither flags of
     *     entries nor the cache
     * @return a {@link LeafWord}, which may be a fault
     */
    long walk(PasidContext context, long address, int access, long since) {
        long known = structures.find(context.did, address);
        if (known != PagingStructures.NONE) {
            long leaf = fromTable(context, known, address, access, since != CacheEpoch.NEVER);
            if (leaf != LeafWord.NONE) {
                return leaf;
            }
        }
        return fromTop(context, address, access, since);
    }

    /** The page, if there is a good one in a table of small pages. */
    private long fromTable(PasidContext context, long known, long address, int access, boolean update) {
        long place = PagingStructures.table(known) + ((address >>> 12 & INDEX_MASK) << 3);
        if (!memory.contains(place, SecondStageEntry.BYTES)) {
            return LeafWord.NONE;
        }
        long entry = memory.get64Acquire(place);
        long granted = known & (context.secondExecute ? entry : entry | X);
        if ((access & ~(int) granted & RequestAccess.ATOMIC) != 0 || (granted & SecondStageEntry.RW) == 0
                || (entry & masks.reserved(1, true)) != 0) {
            return LeafWord.NONE;
        }
        long wanted = update ? wanted(context, access, true) & ~entry : 0;
        if (wanted != 0 && (!context.snoopedWalk || !memory.compareAndSet64(place, entry, entry | wanted))) {
            return LeafWord.NONE;
        }
        return LeafWord.scalablePage(entry & SecondStageMasks.pageAddress(1), 1, grants(context, granted, entry | wanted));
    }

    private long fromTop(PasidContext context, long address, int access, long since) {
        boolean update = since != CacheEpoch.NEVER;
        long at = context.secondStage;
        long present = SecondStageEntry.RW | (context.secondExecute ? X : 0);
        long granted = SecondStageEntry.RW | X;
        int level = context.secondLevels;
        while (true) {
            long place = at + ((address >>> 12 + 9 * (level - 1) & INDEX_MASK) << 3);
            if (!memory.contains(place, SecondStageEntry.BYTES)) {
                return LeafWord.malformed(level == context.secondLevels
                        ? FaultReason.SM_SECOND_STAGE_ROOT_UNREADABLE : FaultReason.SM_SECOND_STAGE_ENTRY_UNREADABLE);
            }
            long entry = memory.get64Acquire(place);
            if (level == 1) {
                structures.fill(context.did, address, at, granted, since);
            }
            if ((entry & present) == 0) {
                return LeafWord.malformed(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED);
            }
            boolean leaf = SecondStageEntry.isLeaf(level, entry);
            long here = granted & (context.secondExecute ? entry : entry | X);
            int missing = access & ~(int) here & RequestAccess.ATOMIC;
            if (missing != 0 && !leaf) {
                return LeafWord.refused(missing(missing));
            }
            if ((entry & masks.reserved(level, leaf)) != 0) {
                return missing != 0 ? LeafWord.refused(missing(missing))
                        : LeafWord.malformed(FaultReason.SM_SECOND_STAGE_ENTRY_RESERVED);
            }
            long wanted = wanted(context, access, leaf) & ~entry;
            if (update && wanted != 0 && missing == 0) {
                if (!context.snoopedWalk) {
                    return LeafWord.refused(FaultReason.SM_SECOND_STAGE_AD_NOT_SNOOPED.code());
                }
                if (!memory.compareAndSet64(place, entry, entry | wanted)) {
                    // Software has changed the entry meanwhile: what counts is what it holds now.
                    continue;
                }
                entry |= wanted;
            }
            if (leaf) {
                return LeafWord.scalablePage(entry & SecondStageMasks.pageAddress(level), level,
                        grants(context, here, entry));
            }
            granted = here;
            at = SecondStageEntry.ADDR.inPlace(entry);
            level--;
        }
    }

    /** The flags that a request leaves set in an entry that it uses. */
    private static long wanted(PasidContext context, int access, boolean leaf) {
        if (!context.secondAccessedDirty) {
            return 0;
        }
        return leaf && (access & RequestAccess.WRITE) != 0 ? A | D : A;
    }

    private static long grants(PasidContext context, long granted, long leaf) {
        return LeafWord.FIRST_ALL & ~LeafWord.EXECUTE
                | ((granted & SecondStageEntry.R.mask()) != 0 ? LeafWord.SECOND_READ : 0)
                | ((granted & SecondStageEntry.W.mask()) != 0 ? LeafWord.SECOND_WRITE : 0)
                | ((granted & X) != 0 ? LeafWord.EXECUTE : 0)
                | (context.secondAccessedDirty && (leaf & D) == 0 ? LeafWord.CLEAN : 0);
    }

    private static int missing(int permissions) {
        return (permissions & RequestAccess.WRITE) != 0
                ? FaultReason.SM_WRITE_NOT_PERMITTED.code()
                : FaultReason.SM_READ_NOT_PERMITTED.code();
    }
}
