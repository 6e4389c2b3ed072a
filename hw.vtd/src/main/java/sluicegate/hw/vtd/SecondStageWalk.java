package sluicegate.hw.vtd;

import sluicegate.api.types.Hex;
import sluicegate.api.types.Prot;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * Walks tables of the second stage (section 3.7), for people to read.
 *
 * @param top address of the top table
 * @param reasons of the faults, which depend on the mode
 */
record SecondStageWalk(VtdCapabilities capabilities, WalkLog log, long top, int levels, Reasons reasons) {
    /** How a mode calls what can be wrong. */
    record Reasons(FaultReason topUnreadable, FaultReason unreadable, FaultReason reserved, String notPresent) {
        static final Reasons LEGACY = new Reasons(FaultReason.CONTEXT_ENTRY_INVALID, FaultReason.SECOND_STAGE_ENTRY_UNREADABLE,
                FaultReason.SECOND_STAGE_ENTRY_RESERVED, "a read faults with " + WalkLog.fault(FaultReason.READ_NOT_PERMITTED)
                + "; a write with " + WalkLog.fault(FaultReason.WRITE_NOT_PERMITTED));
        static final Reasons SCALABLE = new Reasons(FaultReason.SM_SECOND_STAGE_ROOT_UNREADABLE,
                FaultReason.SM_SECOND_STAGE_ENTRY_UNREADABLE, FaultReason.SM_SECOND_STAGE_ENTRY_RESERVED,
                WalkLog.fault(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED));
    }

    /**
     * Adds a step for each table entry; returns the address that comes out, or {@link WalkLog#END}.
     *
     * @param prefix before the name of each step
     */
    long walk(String prefix, long address) {
        long table = top;
        long granted = SecondStageEntry.RW;
        for (int level = levels; level >= 1; level--) {
            int shift = 12 + 9 * (level - 1);
            long slot = table + (address >>> shift & 0x1ff) * SecondStageEntry.BYTES;
            if (!log.readable(prefix + "second-stage entry of level " + level, slot, SecondStageEntry.BYTES,
                    level == levels ? reasons.topUnreadable : reasons.unreadable)) {
                return WalkLog.END;
            }
            long entry = log.read(slot, 1)[0];
            granted &= entry;
            boolean leaf = SecondStageEntry.isLeaf(level, entry);
            long next = leaf ? SecondStageEntry.pageAddress(level).inPlace(entry) | address & (1L << shift) - 1
                    : SecondStageEntry.ADDR.inPlace(entry);
            boolean present = (entry & SecondStageEntry.RW) != 0;
            boolean good = present && (entry & reservedBits(level, entry)) == 0;
            String outcome = !present ? "not present: " + reasons.notPresent
                    : !good ? WalkLog.fault(reasons.reserved)
                    : leaf ? Hex.of(next) + ", permissions " + Prot.toString(prot(granted)) + ", in a page of " + Hex.of(1L << shift)
                    : "table of level " + (level - 1) + " at " + Hex.of(next);
            log.add(prefix + "second-stage entry of level " + level, slot, SecondStageEntry.layout(level, entry), new long[] {entry},
                    outcome);
            if (!good) {
                return WalkLog.END;
            }
            if (leaf) {
                return next;
            }
            table = next;
        }
        return WalkLog.END;
    }

    private static int prot(long granted) {
        return ((granted & SecondStageEntry.R.mask()) != 0 ? Prot.READ : 0)
                | ((granted & SecondStageEntry.W.mask()) != 0 ? Prot.WRITE : 0) | Prot.NOEXEC;
    }

    /** Bits that are reserved in an entry, with those of features and page sizes that this unit lacks. */
    private long reservedBits(int level, long entry) {
        long bits = SecondStageEntry.layout(level, entry).reservedMask(0);
        if (level > 1 && (capabilities.pageSizes() >>> 12 + 9 * (level - 1) & 1) == 0) {
            bits |= SecondStageEntry.PS.mask();
        }
        if (SecondStageEntry.isLeaf(level, entry)) {
            bits |= capabilities.snoopControl() ? 0 : SecondStageEntry.SNP.mask();
            bits |= capabilities.deviceTlb() ? 0 : SecondStageEntry.TM.mask();
        }
        return bits;
    }
}
