package sluicegate.sim.vtd;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FirstStageEntry;

/**
 * The walk of first-stage page tables, alone or nested in a second stage (VT-d 3.6 and 3.8, entry formats 9.7, fault
 * conditions SFS and SGN of 7.1), from the top or from where the paging-structure cache knows to begin. Allocates nothing.
 *
 * <p>In nested translation the tables' addresses are guest addresses: each entry is found, and where its accessed bit has to be
 * set written, by way of the second stage, and so is the page in the end.
 */
final class FirstStageWalker {
    private static final int INDEX_MASK = 511;
    private static final long A = FirstStageEntry.A.mask();
    private static final long D = FirstStageEntry.D.mask();
    private static final long EA = FirstStageEntry.EA.mask();
    private static final long XD = FirstStageEntry.XD.mask();
    private static final long PERMISSIONS = FirstStageEntry.RW.mask() | FirstStageEntry.US.mask() | XD;
    private static final long PAGE = 4096;
    /** {@link #mark}: software has changed the entry meanwhile, and what counts is what it holds now. */
    private static final int CHANGED = -1;

    private final PhysicalMemory memory;
    private final FirstStageMasks masks;
    private final PagingStructures structures;
    private final ScalableSecondStage secondStage;

    FirstStageWalker(PhysicalMemory memory, VtdCapabilities capabilities, PagingStructures structures,
            ScalableSecondStage secondStage) {
        this.memory = memory;
        this.structures = structures;
        this.masks = new FirstStageMasks(capabilities);
        this.secondStage = secondStage;
    }

    /**
     * Walks down to the page that holds an address.
     *
     * @param context says where the tables are and which bits of theirs count
     * @param iova a canonical address
     * @param access {@link RequestAccess} bits
     * @param since the epoch before anything was read; {@link CacheEpoch#NEVER} if nothing is to be changed, neither flags of
     *     entries nor the cache
     * @return a {@link LeafWord}, which may be a fault
     */
    long walk(PasidContext context, long iova, int access, long since) {
        long known = structures.find(context.tag, iova);
        if (known != PagingStructures.NONE) {
            long leaf = fromTable(context, known, iova, access, since);
            if (leaf != LeafWord.NONE) {
                return leaf;
            }
        }
        return fromTop(context, iova, access, since);
    }

    /**
     * The page, if there is a good one in a table of small pages. Where a guest's entry has to be marked the walk begins at the
     * top, because that takes the entry's guest address.
     */
    private long fromTable(PasidContext context, long known, long iova, int access, long since) {
        boolean nested = context.kind == PasidContext.NESTED;
        long place = PagingStructures.table(known) + ((iova >>> 12 & INDEX_MASK) << 3);
        if (!memory.contains(place, FirstStageEntry.BYTES)) {
            return LeafWord.NONE;
        }
        long entry = memory.get64Acquire(place);
        long granted = known & (entry ^ XD);
        long zero = masks.reserved(context) | masks.reserved(1, true);
        if (check(context, entry, granted, access, zero, true) != 0) {
            return LeafWord.NONE;
        }
        long marks = A | (context.extendedAccessed ? EA : 0) | ((access & RequestAccess.WRITE) != 0 ? D : 0);
        long wanted = since != CacheEpoch.NEVER ? marks & ~entry : 0;
        if (wanted != 0 && (nested || !context.snoopedWalk || !memory.compareAndSet64(place, entry, entry | wanted))) {
            return LeafWord.NONE;
        }
        long leaf = page(context, entry | wanted, granted, 1);
        if (nested) {
            leaf = throughSecondStage(context, leaf, iova, access, since);
        }
        return LeafWord.isFault(leaf) ? LeafWord.NONE : leaf;
    }

    private long fromTop(PasidContext context, long iova, int access, long since) {
        boolean update = since != CacheEpoch.NEVER;
        boolean nested = context.kind == PasidContext.NESTED;
        long reserved = masks.reserved(context);
        long required = required(context, access);
        long accessed = A | (context.extendedAccessed ? EA : 0);
        long at = context.firstStage;
        // Permission bits, and XD turned round, so that all of them are granted if every entry has them.
        long granted = -1L;
        int level = context.firstLevels;
        while (true) {
            long entryAddress = at + ((iova >>> 12 + 9 * (level - 1) & INDEX_MASK) << 3);
            long place = nested ? hostAddress(context, entryAddress, level, RequestAccess.READ, since) : entryAddress;
            if (place < 0) {
                return LeafWord.refused((int) -place);
            }
            if (!memory.contains(place, FirstStageEntry.BYTES)) {
                return LeafWord.refused((level == context.firstLevels
                        ? FaultReason.FIRST_STAGE_ROOT_UNREADABLE : FaultReason.FIRST_STAGE_ENTRY_UNREADABLE).code());
            }
            long entry = memory.get64Acquire(place);
            if (level == 1) {
                structures.fill(context.tag, iova, place & -PAGE, granted & PERMISSIONS, since);
            }
            long here = granted & (entry ^ XD);
            boolean leaf = FirstStageEntry.isLeaf(level, entry);
            long zero = reserved | masks.reserved(level, leaf);
            if ((entry & (required | zero)) != required || (access & RequestAccess.EXECUTE) != 0) {
                int fault = check(context, entry, here, access, zero, leaf);
                if (fault != 0) {
                    return LeafWord.refused(fault);
                }
            }
            long marks = leaf && (access & RequestAccess.WRITE) != 0 ? accessed | D : accessed;
            long wanted = update ? marks & ~entry : 0;
            long result = leaf ? page(context, entry | wanted, here, level) : 0;
            if (leaf && nested) {
                result = throughSecondStage(context, result, iova, access, since);
                if (LeafWord.isFault(result)) {
                    return result;
                }
            }
            if (wanted != 0) {
                int fault = mark(context, place, entryAddress, level, entry, wanted, since);
                if (fault == CHANGED) {
                    continue;
                }
                if (fault != 0) {
                    return LeafWord.refused(fault);
                }
            }
            if (leaf) {
                return result;
            }
            granted = here;
            at = FirstStageEntry.ADDR.inPlace(entry);
            level--;
        }
    }

    /** The bits without which no entry lets a request pass. */
    private static long required(PasidContext context, int access) {
        boolean privileged = (access & RequestAccess.PRIVILEGED) != 0;
        return FirstStageEntry.P.mask()
                | (privileged ? 0 : FirstStageEntry.US.mask())
                | ((access & RequestAccess.WRITE) != 0 && (!privileged || context.writeProtect)
                        ? FirstStageEntry.RW.mask() : 0);
    }

    /** What is wrong with an entry: the code of a fault, or 0. */
    private static int check(PasidContext context, long entry, long granted, int access, long reserved, boolean leaf) {
        if ((entry & FirstStageEntry.P.mask()) == 0) {
            return FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT.code();
        }
        boolean privileged = (access & RequestAccess.PRIVILEGED) != 0;
        if (!privileged && (granted & FirstStageEntry.US.mask()) == 0) {
            return FaultReason.SM_USER_NOT_PERMITTED.code();
        }
        if ((access & RequestAccess.WRITE) != 0 && (granted & FirstStageEntry.RW.mask()) == 0
                && (!privileged || context.writeProtect)) {
            return FaultReason.SM_WRITE_NOT_PERMITTED.code();
        }
        if ((entry & reserved) != 0) {
            return FaultReason.FIRST_STAGE_ENTRY_RESERVED.code();
        }
        if ((access & RequestAccess.EXECUTE) != 0) {
            boolean disabled = context.noExecute && (granted & XD) == 0;
            boolean userPage = leaf && (granted & FirstStageEntry.US.mask()) != 0;
            if (disabled || privileged && userPage && context.supervisorExecutesNoUserPage) {
                return FaultReason.SM_EXECUTE_NOT_PERMITTED.code();
            }
        }
        return 0;
    }

    private static long page(PasidContext context, long entry, long granted, int level) {
        long grants = LeafWord.SECOND_ALL & ~LeafWord.EXECUTE
                | ((granted & FirstStageEntry.RW.mask()) != 0 ? LeafWord.FIRST_WRITE : 0)
                | ((granted & FirstStageEntry.US.mask()) != 0 ? LeafWord.USER : 0)
                | (!context.noExecute || (granted & XD) != 0 ? LeafWord.EXECUTE : 0)
                | ((entry & D) == 0 ? LeafWord.CLEAN : 0);
        return LeafWord.scalablePage(entry & FirstStageMasks.pageAddress(level), level, grants);
    }

    /** Sets flags of an entry; 0 when done, {@link #CHANGED}, or the code of a fault. */
    private int mark(PasidContext context, long place, long entryAddress, int level, long entry, long wanted,
            long since) {
        if (!context.snoopedWalk) {
            return FaultReason.FIRST_STAGE_AD_NOT_SNOOPED.code();
        }
        if (context.kind == PasidContext.NESTED) {
            long writable = hostAddress(context, entryAddress, level, RequestAccess.WRITE, since);
            if (writable < 0) {
                return (int) -writable;
            }
        }
        return memory.compareAndSet64(place, entry, entry | wanted) ? 0 : CHANGED;
    }

    /** Where a first-stage entry is: a physical address, or the negative code of a fault. */
    private long hostAddress(PasidContext context, long guest, int level, int access, long since) {
        if (guest >>> context.secondWidth != 0) {
            return -FaultReason.NESTED_FIRST_STAGE_ADDRESS_TOO_LARGE.code();
        }
        long leaf = secondStage.walk(context, guest, access, since);
        if (LeafWord.isFault(leaf)) {
            int code = LeafWord.ownFaultCode(leaf);
            return -(isPermission(code) ? refusal(context, level, access) : code);
        }
        long needed = access == RequestAccess.WRITE ? LeafWord.SECOND_WRITE : LeafWord.SECOND_READ;
        return (leaf & needed) != 0 ? LeafWord.translate(leaf, guest) : -refusal(context, level, access);
    }

    private static boolean isPermission(int code) {
        return code == FaultReason.SM_SECOND_STAGE_NOT_PERMITTED.code()
                || code == FaultReason.SM_READ_NOT_PERMITTED.code() || code == FaultReason.SM_WRITE_NOT_PERMITTED.code();
    }

    private static int refusal(PasidContext context, int level, int access) {
        return (access == RequestAccess.WRITE ? FaultReason.NESTED_FIRST_STAGE_WRITE_NOT_PERMITTED
                : level == context.firstLevels ? FaultReason.NESTED_FIRST_STAGE_ROOT_READ_NOT_PERMITTED
                : FaultReason.NESTED_FIRST_STAGE_READ_NOT_PERMITTED).code();
    }

    /** The page that both stages give: the smaller of the two, with what both permit. */
    private long throughSecondStage(PasidContext context, long first, long iova, int access, long since) {
        long guest = LeafWord.translate(first, iova);
        if (guest >>> context.secondWidth != 0) {
            return LeafWord.refused(FaultReason.NESTED_FIRST_STAGE_ADDRESS_TOO_LARGE.code());
        }
        long second = secondStage.walk(context, guest, access, since);
        if (LeafWord.isFault(second)) {
            return second;
        }
        int level = 1 + Math.min(LeafWord.sizeClass(first), LeafWord.sizeClass(second));
        long page = LeafWord.translate(second, guest) & -1L << 12 + 9 * (level - 1);
        long grants = first & (LeafWord.FIRST_WRITE | LeafWord.USER)
                | second & (LeafWord.SECOND_READ | LeafWord.SECOND_WRITE)
                | first & second & LeafWord.EXECUTE
                | (first | second) & LeafWord.CLEAN;
        return LeafWord.scalablePage(page, level, grants);
    }
}
