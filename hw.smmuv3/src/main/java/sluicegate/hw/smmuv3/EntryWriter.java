package sluicegate.hw.smmuv3;

import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * Changes an entry while hardware uses it: hardware reads it word by word whenever it likes, so it must find the old entry or
 * the new one at every moment ({@code arm_smmu_write_entry}).
 *
 * <p>Bits that the old entry ignores are written first. If all bits that then still matter lie in one word, a single store of
 * that word is the switch, and nobody sees anything but old or new; what the new entry ignores is cleaned up afterwards. If
 * they lie in several words the entry is made invalid for a moment: requests abort meanwhile, but nothing is ever mixed.
 * After every step that changed something hardware is made to read the entry again.
 */
final class EntryWriter {
    /** 64-bit words of an entry: those of a stream table entry and of a context descriptor are as many. */
    static final int WORDS = StreamTableEntry.WORDS;

    /** Where an entry is. */
    interface Place {
        long load(int word);

        void store(int word, long value);

        /** Returns when hardware uses nothing older than the entry as it is now. */
        void sync();
    }

    private final EntryUse use;
    private final Place place;
    private final long[] entry = new long[WORDS];

    private EntryWriter(EntryUse use, Place place) {
        this.use = use;
        this.place = place;
        for (int i = 0; i < WORDS; i++) {
            entry[i] = place.load(i);
        }
    }

    /**
     * Makes the entry at {@code place} the same as {@code target}. Nobody else may write it meanwhile.
     *
     * @param target with no bit set that hardware does not look at
     * @throws sluicegate.api.types.IommuException what {@link Place#sync} throws; the entry is then as the old one or as the new
     *     one in all that matters, or invalid
     */
    static void write(EntryUse use, Place place, long[] target) {
        new EntryWriter(use, place).write(target);
    }

    /** Whether {@link #write} would be a single store for whoever looks: the entry is never made invalid on the way. */
    static boolean isHitless(EntryUse use, Place place, long[] target) {
        return Integer.bitCount(new EntryWriter(use, place).ignoredFirst(target, new long[WORDS])) <= 1;
    }

    private void write(long[] target) {
        long[] update = new long[WORDS];
        int differing = ignoredFirst(target, update);
        if (Integer.bitCount(differing) == 1) {
            int critical = Integer.numberOfTrailingZeros(differing);
            // What is ignored in this word goes along with the switch; that may save a step.
            update[critical] = entry[critical];
            step(update, 0, WORDS);
            step(target, critical, critical + 1);
            step(target, 0, WORDS);
        } else if (differing != 0) {
            update[0] = 0;
            step(update, 0, 1);
            step(target, 1, WORDS);
            step(target, 0, 1);
        } else {
            step(target, 0, WORDS);
        }
    }

    /** Puts what can be written at once into {@code update}; returns the set of words that must change after that. */
    private int ignoredFirst(long[] target, long[] update) {
        long[] used = new long[WORDS];
        long[] targetUsed = new long[WORDS];
        long[] safe = new long[WORDS];
        use.used(entry, used);
        use.used(target, targetUsed);
        use.safe(entry, target, safe);
        int differing = 0;
        for (int i = 0; i < WORDS; i++) {
            if ((target[i] & ~targetUsed[i]) != 0) {
                throw new IllegalArgumentException(String.format("word %d of the entry has bits that hardware ignores: 0x%x", i,
                        target[i] & ~targetUsed[i]));
            }
            long kept = used[i] & ~(safe[i] & used[i] & targetUsed[i]);
            update[i] = entry[i] & kept | target[i] & ~kept;
            if ((update[i] & targetUsed[i]) != target[i]) {
                differing |= 1 << i;
            }
        }
        return differing;
    }

    private void step(long[] to, int from, int end) {
        boolean changed = false;
        for (int i = from; i < end; i++) {
            if (entry[i] != to[i]) {
                entry[i] = to[i];
                place.store(i, to[i]);
                changed = true;
            }
        }
        if (changed) {
            place.sync();
        }
    }
}
