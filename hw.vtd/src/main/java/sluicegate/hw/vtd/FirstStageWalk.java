package sluicegate.hw.vtd;

import java.util.Optional;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Prot;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FirstStageEntry;
import sluicegate.spec.vtd.FirstStageMode;

/**
 * Walks tables of the first stage (section 3.6), for people to read. With nested translation its own entries are at addresses of the
 * second stage, and so is what it leads to (3.8).
 *
 * @param top address of the top table
 * @param second the second stage of nested translation
 */
record FirstStageWalk(VtdCapabilities capabilities, WalkLog log, long top, FirstStageMode mode, Optional<SecondStageWalk> second) {
    private static final long PERMITTED = FirstStageEntry.RW.mask() | FirstStageEntry.US.mask();

    /** Adds a step for each table entry, those of the second stage between them. */
    void walk(long iova) {
        int unused = Long.SIZE - mode.bits();
        if (iova << unused >> unused != iova) {
            log.note("address", iova, WalkLog.fault(FaultReason.SM_ADDRESS_NOT_CANONICAL));
            return;
        }
        long table = top;
        long granted = PERMITTED;
        for (int level = mode.levels(); level >= 1; level--) {
            int shift = 12 + 9 * (level - 1);
            String what = "first-stage entry of level " + level;
            long guest = table + (iova >>> shift & 0x1ff) * FirstStageEntry.BYTES;
            long slot = second.isEmpty() ? guest : second.get().walk("for " + what + ": ", guest);
            if (slot == WalkLog.END || !log.readable(what, slot, FirstStageEntry.BYTES, level == mode.levels()
                    ? FaultReason.FIRST_STAGE_ROOT_UNREADABLE : FaultReason.FIRST_STAGE_ENTRY_UNREADABLE)) {
                return;
            }
            long entry = log.read(slot, 1)[0];
            granted &= entry;
            boolean leaf = FirstStageEntry.isLeaf(level, entry);
            long next = leaf ? FirstStageEntry.pageAddress(level).inPlace(entry) | iova & (1L << shift) - 1
                    : FirstStageEntry.ADDR.inPlace(entry);
            String wrong = wrong(level, entry, granted);
            log.add(what, slot, FirstStageEntry.layout(level, entry), new long[] {entry}, !wrong.isEmpty() ? wrong
                    : leaf ? output(next, granted, shift) : "table of level " + (level - 1) + " at " + Hex.of(next));
            if (!wrong.isEmpty()) {
                return;
            }
            if (leaf) {
                second.ifPresent(stage -> stage.walk("", next));
                return;
            }
            table = next;
        }
    }

    private String output(long address, long granted, int shift) {
        int prot = Prot.READ | ((granted & FirstStageEntry.RW.mask()) != 0 ? Prot.WRITE : 0) | Prot.NOEXEC;
        return (second.isPresent() ? "address of the second stage " : "") + Hex.of(address) + ", permissions " + Prot.toString(prot)
                + ", in a page of " + Hex.of(1L << shift);
    }

    /** What keeps requests without supervisor privilege from using an entry; empty if nothing does. */
    private String wrong(int level, long entry, long granted) {
        if (!FirstStageEntry.P.isSet(entry)) {
            return WalkLog.fault(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT);
        }
        if ((granted & FirstStageEntry.US.mask()) == 0) {
            return WalkLog.fault(FaultReason.SM_USER_NOT_PERMITTED);
        }
        long reserved = FirstStageEntry.layout(level, entry).reservedMask(0);
        if (level == 3 && (capabilities.firstStagePageSizes() >>> 30 & 1) == 0) {
            reserved |= FirstStageEntry.PS.mask();
        }
        return (entry & reserved) == 0 ? "" : WalkLog.fault(FaultReason.FIRST_STAGE_ENTRY_RESERVED);
    }
}
