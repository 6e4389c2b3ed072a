package sluicegate.judge.raw.amdvi;

import java.util.Map;
import sluicegate.judge.raw.amdvi.AmdviManual.Entry;
import sluicegate.judge.raw.amdvi.AmdviManual.Refused;

/**
 * One walk by the manual (2.2.3, 2.2.6), with the accessed and dirty bits that it leaves behind. What it writes it takes note of and
 * reads again from there; memory stays as it is.
 */
final class AmdviWalk {
    private static final long ADDRESS = (1L << 52) - 4096;
    private static final int ACCESSED = 1 << 5;
    private static final int DIRTY = 1 << 6;
    private static final int IW_AT = 62;
    private static final int IR_AT = 61;
    private static final long GUEST_WRITE = 1 << 1;
    private static final long GUEST_USER = 1 << 2;
    private static final long GUEST_NX = 1L << 63;

    private final AmdviManual unit;
    private final Entry entry;
    private final boolean write;
    private final Map<Long, Long> marks;
    /** IW and IR of the entry. */
    private final boolean writes;
    private final boolean reads;
    /** Whether the request writes to its page if tables permit it. What the unit writes to tables is not the device's. */
    private final boolean dirties;
    private final int hostLevels;

    AmdviWalk(AmdviManual unit, Entry entry, boolean write, Map<Long, Long> marks) {
        this.unit = unit;
        this.entry = entry;
        this.write = write;
        this.marks = marks;
        writes = entry.has(entry.word0(), IW_AT);
        reads = entry.has(entry.word0(), IR_AT);
        dirties = write && writes;
        hostLevels = (int) entry.bits(11, 9);
    }

    /** A page, or what is left of an address. */
    private record Page(long address, boolean readable, boolean writable) {}

    /** Where a request goes. @throws Refused with the flags of the event */
    long translate(long pasid, long iova) {
        if (!entry.has(entry.word0(), 1)) {
            throw Refused.with(0);
        }
        boolean guest = entry.has(entry.word0(), 55);
        boolean giov = guest && entry.has(entry.word0(), 54);
        Page page;
        if (pasid != AmdviManual.NO_PASID || giov) {
            if (!guest) {
                throw Refused.with(0);
            }
            page = guestPage(pasid == AmdviManual.NO_PASID ? 0 : pasid, iova);
        } else {
            page = hostPage(iova, dirties);
        }
        if (write ? !(page.writable && writes) : !(page.readable && reads)) {
            throw Refused.with(AmdviManual.PR | AmdviManual.PE);
        }
        return page.address;
    }

    private long read(long place) {
        if (!unit.memory().contains(place, 8)) {
            throw Refused.unreadable(place & (1L << 52) - 8);
        }
        return marks.getOrDefault(place, unit.memory().get64(place));
    }

    private void mark(long place, long now) {
        if (now != read(place)) {
            marks.put(place, now);
        }
    }

    private static void require(boolean condition, long flags) {
        if (!condition) {
            throw Refused.with(flags);
        }
    }

    // ---- host tables

    /** @param writing whether it is to be written, which makes it dirty if it may be */
    private Page hostPage(long address, boolean writing) {
        if (hostLevels == 0) {
            return new Page(address, true, true);
        }
        require(hostLevels == 6 || address >>> AmdviShape.firstShift(hostLevels + 1) == 0, AmdviManual.PR);
        long table = entry.word0() & ADDRESS;
        boolean readable = true;
        boolean writable = true;
        for (int level = hostLevels;;) {
            int shift = AmdviShape.firstShift(level);
            long place = table + (address >>> shift & 511) * 8;
            long found = read(place);
            require((found & 1) != 0, 0);
            int next = (int) (found >>> 9 & 7);
            boolean leaf = next == 0 || next == 7;
            // Bits 58:52 of a page, of a table FC and U too.
            require((found & (leaf ? 0x7fL : 0x1ffL) << 52) == 0, AmdviManual.PR | AmdviManual.RZ);
            readable &= (found >>> IR_AT & 1) != 0;
            writable &= (found >>> IW_AT & 1) != 0;
            if (leaf) {
                int size = next == 0 ? shift : 1 + Long.numberOfTrailingZeros(~(found & ADDRESS | 0xfff));
                require(size <= 51 && (next == 0 || size > shift && size < shift + 9), AmdviManual.PR);
                markHost(place, found, writing && writable);
                long offset = (1L << size) - 1;
                return new Page(found & ADDRESS & ~offset | address & offset, readable, writable);
            }
            require(next < level, AmdviManual.PR);
            long skipped = (1L << shift) - 1 & -1L << AmdviShape.firstShift(next + 1);
            require((address & skipped) == 0, AmdviManual.PR);
            markHost(place, found, false);
            table = found & ADDRESS;
            level = next;
        }
    }

    private void markHost(long place, long found, boolean dirty) {
        long had = entry.bits(8, 7);
        if (had != 0) {
            mark(place, found | ACCESSED | (dirty && had == 3 ? DIRTY : 0));
        }
    }

    // ---- guest tables

    private Page guestPage(long pasid, long iova) {
        long pasidBits = Math.min(20, (unit.features() >>> 32 & 31) + 1);
        require(pasid >>> pasidBits == 0, 0);
        int levels = 4 + (int) entry.bits(183, 182);
        int unused = 64 - AmdviShape.firstShift(levels + 1);
        // Canonical: the upper bits are copies of the highest that is translated.
        require(iova << unused >> unused == iova, AmdviManual.PR);
        long table = topOf(pasid);
        boolean writable = true;
        boolean user = true;
        for (int level = levels;; level--) {
            long guest = table + (iova >>> AmdviShape.firstShift(level) & 511) * 8;
            long place = behindHost(guest, false);
            long found = read(place);
            require((found & 1) != 0, 0);
            boolean leaf = level == 1 || level <= 3 && (found & 1 << 7) != 0;
            require((found & reserved(level, leaf)) == 0, AmdviManual.PR | AmdviManual.RZ);
            writable &= (found & GUEST_WRITE) != 0;
            user &= (found & GUEST_USER) != 0;
            if (!leaf) {
                markGuest(guest, place, found | ACCESSED);
                table = found & ADDRESS;
                continue;
            }
            long offset = (1L << AmdviShape.firstShift(level)) - 1;
            var page = hostPage(found & ADDRESS & ~offset | iova & offset, dirties);
            markGuest(guest, place, found | ACCESSED | (dirties && writable && user ? DIRTY : 0));
            return new Page(page.address, user && page.readable, user && writable && page.writable);
        }
    }

    /** The topmost guest table of a PASID: GCR3 tables are physical unless the unit was told otherwise, what they lead to is a guest's. */
    private long topOf(long pasid) {
        int levels = 1 + (int) entry.bits(57, 56);
        require(pasid >>> 9 * levels == 0, 0);
        long table = entry.bits(60, 58) << 12 | entry.bits(95, 80) << 15 | entry.bits(127, 107) << 31;
        for (int level = levels; level >= 1; level--) {
            long place = table + (pasid >>> 9 * (level - 1) & 511) * 8;
            long found = read(unit.gcr3OfGuest() && hostLevels > 0 ? behindHost(place, false) : place);
            require((found & 1) != 0, 0);
            require((found & (0xffeL | -1L << 52)) == 0, AmdviManual.PR | AmdviManual.RZ);
            table = found & ADDRESS;
        }
        return table;
    }

    private long reserved(int level, boolean leaf) {
        long execute = (unit.features() >>> 3 & 1) != 0 ? 0 : GUEST_NX;
        if (level > 3) {
            return execute | 3 << 7;
        }
        // Of large pages, between their address and PAT in bit 12.
        return !leaf || level == 1 ? execute : execute | (1L << AmdviShape.firstShift(level)) - 1 & -1L << 13;
    }

    private long behindHost(long guest, boolean writing) {
        var page = hostPage(guest, writing);
        require(writing ? page.writable : page.readable, AmdviManual.PR | AmdviManual.PE);
        return page.address;
    }

    private void markGuest(long guest, long place, long now) {
        if (now != read(place)) {
            behindHost(guest, true);
            mark(place, now);
        }
    }
}
