package sluicegate.judge.raw.smmuv3;

import java.util.Optional;
import sluicegate.api.platform.PhysicalMemory;

/**
 * What IHI 0070 says of a stream with stage 1 and one context descriptor, for unprivileged data: a second reading, with bits written
 * down by their numbers, of a unit that never stalls, always aborts, has 44 bits of output and granules of 4, 16 and 64 KiB.
 */
final class StreamManual {
    private static final int OUTPUT_BITS = 44;

    private final PhysicalMemory memory;

    StreamManual(PhysicalMemory memory) {
        this.memory = memory;
    }

    /**
     * An answer.
     *
     * @param address where it leads
     * @param event number of the event, if it is refused; 0 for a stream that aborts
     * @param recorded whether the event is recorded
     */
    record Answer(long address, Optional<Integer> event, boolean recorded) {
        static Answer refused(int event, boolean recorded) {
            return new Answer(0, Optional.of(event), recorded);
        }

        static Answer at(long address) {
            return new Answer(address, Optional.empty(), false);
        }
    }

    private static boolean bit(long word, int number) {
        return (word >>> number & 1) != 0;
    }

    private static long bits(long word, int high, int low) {
        return word >>> low & -1L >>> 63 - (high - low);
    }

    /** @param entry address of the stream table entry */
    Answer answer(long entry, long iova, boolean write) {
        long word0 = memory.get64(entry);
        long word1 = memory.get64(entry + 8);
        if (!bit(word0, 0)) {
            return Answer.refused(0x04, true);
        }
        int config = (int) bits(word0, 3, 1);
        if (config < 4) {
            return Answer.refused(0, false);
        }
        if (config == 4) {
            return iova >>> OUTPUT_BITS == 0 ? Answer.at(iova) : Answer.refused(0x11, true);
        }
        long descriptor = word0 & (1L << 52) - 64;
        // No stage 2; a unit that never stalls has nothing to disable.
        if (config != 5 || bit(word1, 27) || descriptor >>> OUTPUT_BITS != 0) {
            return Answer.refused(0x04, true);
        }
        if (!memory.contains(descriptor, 64)) {
            return Answer.refused(0x09, true);
        }
        return context(memory.get64(descriptor), memory.get64(descriptor + 8), memory.get64(descriptor + 16), iova, write);
    }

    private Answer context(long word0, long word1, long word2, long iova, boolean write) {
        boolean legal = bit(word0, 31) && bit(word0, 41) && bit(word0, 46) && !bit(word0, 44) && !bit(word0, 43)
                && !bit(word0, 42) && !bit(word0, 15);
        boolean low = !bit(word0, 14);
        boolean high = !bit(word0, 30);
        legal &= !low || areTablesLegal((int) bits(word0, 5, 0), granule((int) bits(word0, 7, 6), 0, 2, 1), word1);
        legal &= !high || areTablesLegal((int) bits(word0, 21, 16), granule((int) bits(word0, 23, 22), 2, 1, 3), word2);
        if (!legal) {
            return Answer.refused(0x0a, true);
        }
        boolean recorded = bit(word0, 45);
        int size = 64 - (int) bits(word0, 5, 0);
        if (!low || iova >>> size != 0) {
            return Answer.refused(0x10, recorded);
        }
        return walk(granule((int) bits(word0, 7, 6), 0, 2, 1), size, table(word1), iova, write, bit(word0, 35), recorded);
    }

    /** log2 of the granule that a code means, given the codes of 4, 16 and 64 KiB; 0 for the fourth. */
    private static int granule(int code, int four, int sixteen, int sixtyFour) {
        return code == four ? 12 : code == sixteen ? 14 : code == sixtyFour ? 16 : 0;
    }

    private static long table(long word) {
        return word & (1L << 52) - 16;
    }

    private static boolean areTablesLegal(int txsz, int granule, long word) {
        return granule != 0 && txsz >= 16 && txsz <= 39 && table(word) >>> OUTPUT_BITS == 0;
    }

    private Answer walk(int granule, int size, long base, long iova, boolean write, boolean anyAge, boolean recorded) {
        int stride = granule - 3;
        int level = 3 - (size - 1 - granule) / stride;
        int shift = granule + (3 - level) * stride;
        long table = base & -1L << size - shift + 3;
        boolean writable = true;
        boolean unprivileged = true;
        long index = iova >>> shift;
        while (true) {
            long slot = table + index * 8;
            if (!memory.contains(slot, 8)) {
                return Answer.refused(0x0b, true);
            }
            long word = memory.get64(slot);
            boolean pointer = bit(word, 1);
            if (!bit(word, 0) || !pointer && (level == 0 || level == 3 || level == 1 && granule != 12)) {
                return Answer.refused(0x10, recorded);
            }
            boolean leaf = level == 3 || !pointer;
            long address = word & (1L << 48) - 1 & -1L << (leaf ? shift : granule);
            if (address >>> OUTPUT_BITS != 0) {
                return Answer.refused(0x11, recorded);
            }
            if (leaf) {
                if (!bit(word, 10) && !anyAge) {
                    return Answer.refused(0x12, recorded);
                }
                boolean allowed = unprivileged && bit(word, 6) && (!write || writable && !bit(word, 7));
                return allowed ? Answer.at(address | iova & (1L << shift) - 1) : Answer.refused(0x13, recorded);
            }
            unprivileged &= !bit(word, 61);
            writable &= !bit(word, 62);
            table = address;
            level++;
            shift -= stride;
            index = iova >>> shift & (1L << stride) - 1;
        }
    }
}
