package sluicegate.judge.raw;

import java.util.Optional;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.judge.raw.Manual.Answer;
import sluicegate.spec.vtd.FaultReason;

/**
 * What the manual says of a request without PASID in scalable mode (VT-d 3.4 to 3.8, 7.1, 9.2, 9.4 to 9.8), from the words in memory. Its
 * masks are written out by hand and shared with nobody.
 *
 * @param cap CAP_REG
 * @param ecap ECAP_REG
 * @param physicalBits how wide physical addresses are
 */
record ScalableManual(PhysicalMemory memory, long cap, long ecap, int physicalBits) {
    private static final long ADDRESS = (1L << 52) - 4096;
    private static final int READ = 1;
    private static final int WRITE = 2;

    /** A fault, on its way out of the walk. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final FaultReason reason;

        Refused(FaultReason reason) {
            super(null, null, false, false);
            this.reason = reason;
        }
    }

    private boolean can(int bitOfEcap) {
        return (ecap >>> bitOfEcap & 1) != 0;
    }

    private long unless(int bitOfEcap, long mask) {
        return can(bitOfEcap) ? 0 : mask;
    }

    private long tooHigh() {
        return -1L << physicalBits;
    }

    private long read(long address, FaultReason otherwise) {
        require(memory.contains(address, 8), otherwise);
        return memory.get64(address);
    }

    private static void require(boolean condition, FaultReason otherwise) {
        if (!condition) {
            throw new Refused(otherwise);
        }
    }

    /** A PASID entry's words, and who asks. */
    private record Entry(long word0, long word1, long word2, boolean privileged) {
        int type() {
            return (int) (word0 >>> 6 & 7);
        }

        boolean has(long word, int bit) {
            return (word >>> bit & 1) != 0;
        }
    }

    Answer answer(long rootTable, int sourceId, long iova, boolean write) {
        boolean[] silent = new boolean[1];
        try {
            return new Answer(request(rootTable, sourceId, iova, write ? WRITE : READ, silent), Optional.empty(), false);
        } catch (Refused refused) {
            return new Answer(-1, Optional.of(refused.reason), !(silent[0] && refused.reason.qualified()));
        }
    }

    private long request(long rootTable, int sourceId, long iova, int access, boolean[] silent) {
        long root = read(rootTable + (sourceId >>> 8) * 16L + ((sourceId & 0x80) == 0 ? 0 : 8), FaultReason.SM_ROOT_ENTRY_UNREADABLE);
        require((root & 1) != 0, FaultReason.SM_ROOT_ENTRY_NOT_PRESENT);
        require((root & (0xffe | tooHigh())) == 0, FaultReason.SM_ROOT_ENTRY_RESERVED);

        long context = (root & -4096) + (sourceId & 0x7f) * 32L;
        require(memory.contains(context, 32), FaultReason.SM_CONTEXT_ENTRY_UNREADABLE);
        long low = memory.get64(context);
        long high = memory.get64(context + 8);
        silent[0] = (low & 2) != 0;
        require((low & 1) != 0, FaultReason.SM_CONTEXT_ENTRY_NOT_PRESENT);
        long lowReserved = 0x1e0 | tooHigh() | unless(2, 1 << 2) | unless(40, 1 << 3) | unless(29, 1 << 4);
        long highReserved = -1L << 21 | unless(49, 0xfffff) | unless(53, 1 << 20);
        require((low & lowReserved) == 0 && (high & highReserved) == 0 && memory.get64(context + 16) == 0
                && memory.get64(context + 24) == 0, FaultReason.SM_CONTEXT_ENTRY_RESERVED);
        long pasid = high & 0xfffff;
        boolean asksWithoutTlb = (low & 1 << 4) != 0 && (low & 1 << 2) == 0;
        require(!asksWithoutTlb && pasid < 64L << (low >>> 9 & 7) + 7, FaultReason.SM_CONTEXT_ENTRY_INVALID);

        long directory = read((low & -4096) + (pasid >>> 6) * 8, FaultReason.PASID_DIRECTORY_ENTRY_UNREADABLE);
        silent[0] |= (directory & 2) != 0;
        require((directory & 1) != 0, FaultReason.PASID_DIRECTORY_ENTRY_NOT_PRESENT);
        require((directory & (0xffc | tooHigh())) == 0, FaultReason.PASID_DIRECTORY_ENTRY_RESERVED);
        var entry = entry((directory & -4096) + (pasid & 63) * 64, (high & 1 << 20) != 0, silent);
        require(!entry.privileged || entry.has(entry.word2, 0), FaultReason.PASID_ENTRY_NO_SRE);
        long address = translate(entry, iova, access);
        require(address >>> 20 != 0xfee, FaultReason.SM_ADDRESS_IN_INTERRUPT_RANGE);
        return address;
    }

    private Entry entry(long at, boolean privileged, boolean[] silent) {
        require(memory.contains(at, 64), FaultReason.PASID_ENTRY_UNREADABLE);
        var entry = new Entry(memory.get64(at), memory.get64(at + 8), memory.get64(at + 16), privileged);
        silent[0] |= (entry.word0 & 2) != 0;
        require((entry.word0 & 1) != 0, FaultReason.PASID_ENTRY_NOT_PRESENT);
        long rest = 0;
        for (int word = 3; word < 8; word++) {
            rest |= memory.get64(at + 8L * word);
        }
        int type = entry.type();
        boolean first = type == 1 || type == 3;
        boolean second = type == 2 || type == 3;
        long reserved0 = 0xc00 | unless(45, 1 << 9) | unless(30, 1 << 5) | (second ? tooHigh() : 0);
        // PAT, PCD, PWT, EMT, EMTE and CD come with memory types.
        long reserved1 = 0x7f_0000 | unless(48, 1 << 23) | unless(7, 1 << 24) | unless(25, -1L << 25);
        long reserved2 = 0xf00 | unless(31, 0x51) | unless(30, 0x22) | unless(34, 0x80) | (type == 1 ? tooHigh() : 0);
        require(((entry.word0 & reserved0) | (entry.word1 & reserved1) | (entry.word2 & reserved2) | rest) == 0,
                FaultReason.PASID_ENTRY_RESERVED);
        long depth = entry.word2 >>> 2 & 3;
        long width = entry.word0 >>> 2 & 7;
        boolean possible = switch (type) {
            case 1 -> can(47);
            case 2 -> can(46);
            case 3 -> can(26);
            case 4 -> can(6);
            default -> false;
        };
        possible &= !first || depth == 0 || depth == 1 && (cap >>> 60 & 1) != 0;
        possible &= !second || width < 5 && (cap >>> 8 + width & 1) != 0;
        possible &= type != 3 || (entry.word2 & -4096) >>> secondWidth(entry) == 0;
        require(possible, FaultReason.PASID_ENTRY_INVALID);
        return entry;
    }

    private int secondWidth(Entry entry) {
        return (int) Math.min((cap >>> 16 & 63) + 1, 12 + 9 * (2 + (entry.word0 >>> 2 & 7)));
    }

    private long translate(Entry entry, long iova, int access) {
        if (entry.type() == 4) {
            require(iova >>> physicalBits == 0, FaultReason.SM_HOST_ADDRESS_BEYOND_WIDTH);
            return iova;
        }
        if (entry.type() == 2) {
            require(iova >>> secondWidth(entry) == 0, FaultReason.SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH);
            return secondStage(entry, iova, access);
        }
        int levels = 4 + (int) (entry.word2 >>> 2 & 3);
        long upper = iova >> 11 + 9 * levels;
        require(upper == 0 || upper == -1, FaultReason.SM_ADDRESS_NOT_CANONICAL);
        return firstStage(entry, levels, iova, access);
    }

    // ---- 3.6, 9.7

    private long firstStage(Entry entry, int levels, long iova, int access) {
        long table = entry.word2 & -4096;
        long granted = -1;
        for (int level = levels;; level--) {
            long slot = table + (iova >>> 12 + 9 * (level - 1) & 511) * 8;
            boolean top = level == levels;
            long place = tablePlace(entry, slot, top, READ);
            long word = read(place, top ? FaultReason.FIRST_STAGE_ROOT_UNREADABLE : FaultReason.FIRST_STAGE_ENTRY_UNREADABLE);
            require((word & 1) != 0, FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT);
            granted &= word;
            require(entry.privileged || (granted & 4) != 0, FaultReason.SM_USER_NOT_PERMITTED);
            boolean readOnly = (granted & 2) == 0 && (!entry.privileged || entry.has(entry.word2, 4));
            require(access == READ || !readOnly, FaultReason.SM_WRITE_NOT_PERMITTED);
            boolean page = level == 1 || level <= 3 && (word & 0x80) != 0;
            require((word & firstReserved(entry, level, page)) == 0, FaultReason.FIRST_STAGE_ENTRY_RESERVED);
            long address = word & ADDRESS;
            if (page) {
                long offset = (1L << 12 + 9 * (level - 1)) - 1;
                long target = address & ~offset | iova & offset;
                long found = entry.type() == 3 ? guestPage(entry, target, access) : target;
                mark(entry, word, slot, top, access == WRITE ? 0x60 : 0x20);
                return found;
            }
            mark(entry, word, slot, top, 0x20);
            table = address;
        }
    }

    private long firstReserved(Entry entry, int level, boolean page) {
        long reserved = entry.type() == 3 ? 0 : tooHigh() & ADDRESS;
        if (can(30) && !entry.has(entry.word2, 5)) {
            reserved |= 1L << 63;
        }
        boolean possible = level == 1 || level == 2 || level == 3 && (cap >>> 56 & 1) != 0;
        if (page && level > 1) {
            // Of a large page's address the lowest bit is PAT.
            reserved |= possible ? (1L << 12 + 9 * (level - 1)) - 0x2000 : 0x80;
        }
        return level > 3 ? reserved | 0x80 : reserved;
    }

    /** Accessed, extended-accessed and dirty are set by walks that snoop. */
    private void mark(Entry entry, long word, long slot, boolean top, long flags) {
        long wanted = flags | (entry.has(entry.word2, 7) ? 0x400 : 0);
        if ((wanted & ~word) != 0) {
            require(!can(48) || entry.has(entry.word1, 23), FaultReason.FIRST_STAGE_AD_NOT_SNOOPED);
            tablePlace(entry, slot, top, WRITE);
        }
    }

    private long tablePlace(Entry entry, long slot, boolean top, int access) {
        if (entry.type() != 3) {
            return slot;
        }
        require(slot >>> secondWidth(entry) == 0, FaultReason.NESTED_FIRST_STAGE_ADDRESS_TOO_LARGE);
        try {
            return secondStage(entry, slot, access);
        } catch (Refused refused) {
            throw switch (refused.reason) {
                case SM_SECOND_STAGE_NOT_PERMITTED, SM_READ_NOT_PERMITTED, SM_WRITE_NOT_PERMITTED -> new Refused(
                        access == WRITE ? FaultReason.NESTED_FIRST_STAGE_WRITE_NOT_PERMITTED
                                : top ? FaultReason.NESTED_FIRST_STAGE_ROOT_READ_NOT_PERMITTED
                                : FaultReason.NESTED_FIRST_STAGE_READ_NOT_PERMITTED);
                default -> refused;
            };
        }
    }

    private long guestPage(Entry entry, long guest, int access) {
        require(guest >>> secondWidth(entry) == 0, FaultReason.NESTED_FIRST_STAGE_ADDRESS_TOO_LARGE);
        return secondStage(entry, guest, access);
    }

    // ---- 3.7, 9.8

    private long secondStage(Entry entry, long address, int access) {
        boolean executes = entry.has(entry.word0, 5);
        int levels = 2 + (int) (entry.word0 >>> 2 & 7);
        long table = entry.word0 & -4096;
        long granted = -1;
        for (int level = levels;; level--) {
            long word = read(table + (address >>> 12 + 9 * (level - 1) & 511) * 8, level == levels
                    ? FaultReason.SM_SECOND_STAGE_ROOT_UNREADABLE : FaultReason.SM_SECOND_STAGE_ENTRY_UNREADABLE);
            require((word & (executes ? 7 : 3)) != 0, FaultReason.SM_SECOND_STAGE_NOT_PERMITTED);
            granted &= word;
            require((granted & access) != 0,
                    access == WRITE ? FaultReason.SM_WRITE_NOT_PERMITTED : FaultReason.SM_READ_NOT_PERMITTED);
            boolean page = level == 1 || level <= 3 && (word & 0x80) != 0;
            require((word & secondReserved(level, page)) == 0, FaultReason.SM_SECOND_STAGE_ENTRY_RESERVED);
            if (entry.has(entry.word0, 9)) {
                long wanted = page && access == WRITE ? 0x300 : 0x100;
                require((wanted & ~word) == 0 || !can(48) || entry.has(entry.word1, 23), FaultReason.SM_SECOND_STAGE_AD_NOT_SNOOPED);
            }
            long offset = (1L << 12 + 9 * (level - 1)) - 1;
            if (page) {
                return word & ADDRESS & ~offset | address & offset;
            }
            table = word & ADDRESS;
        }
    }

    private long secondReserved(int level, boolean page) {
        long reserved = tooHigh() & ADDRESS;
        if (!page) {
            return reserved | 1 << 11 | 1L << 62 | (level > 3 ? 0x80 : 0);
        }
        boolean possible = level == 1 || (cap >>> 34 + level - 2 & 1) != 0;
        reserved |= possible ? (1L << 12 + 9 * (level - 1)) - 4096 : 0x80;
        return reserved | unless(7, 1 << 11) | unless(2, 1L << 62);
    }
}
