package sluicegate.pgtable;

import java.util.stream.Stream;

/**
 * Shapes that VT-d does not have and others do, so that the walker is ready for them: Arm's contiguous hint, a top table of
 * several pages, granules of 64 KiB (VMSAv8-64 stage 2), and AMD's pages that repeat one entry.
 */
class ContiguousFormatTest extends PageTableFormatContract {

    @Override
    Stream<PageTableFormat> formats() {
        return Stream.of(
                new Hinted(12, 3, 40, 4, 0x1000L | 0x1_0000 | 0x20_0000 | 0x200_0000 | 0x4000_0000),
                new Hinted(16, 2, 42, 5, 0x1_0000L | 0x20_0000 | 0x2000_0000L),
                new Repeated());
    }

    /** A contiguous bit in each of a run of entries, whose addresses go up. */
    private static final class Hinted extends PageTableFormat {
        private static final long ADDRESS = (1L << 48) - 1 & -4096L;
        private static final long CONTIGUOUS = 1L << 52;
        private final int runShift;

        Hinted(int granuleShift, int levels, int inputBits, int runShift, long sizes) {
            super("contiguous hint", granuleShift, levels, inputBits, sizes);
            this.runShift = runShift;
        }

        @Override
        public long tableEntry(int level, long table) {
            return table | 3;
        }

        @Override
        public long tableAddress(long entry) {
            return entry & ADDRESS;
        }

        @Override
        public boolean isLeaf(int level, long entry) {
            return level == 1 || (entry & 2) == 0;
        }

        @Override
        public long leaf(int level, int pageShift, long address, int prot) {
            return address | (level == 1 ? 3 : 1) | (long) (prot & RW) << 6 | (pageShift > shift(level) ? CONTIGUOUS : 0);
        }

        @Override
        public long leafAddress(int level, long entry) {
            return entry & ADDRESS & -(1L << leafShift(level, entry));
        }

        @Override
        public int leafProt(int level, long entry) {
            return (int) (entry >>> 6 & RW);
        }

        @Override
        public int leafShift(int level, long entry) {
            return shift(level) + ((entry & CONTIGUOUS) != 0 ? runShift : 0);
        }

        @Override
        public int outputBits() {
            return 48;
        }
    }

    /** The size is in the low address bits, and all entries of a page are the same. */
    private static final class Repeated extends PageTableFormat {
        private static final long ADDRESS = (1L << 52) - 1 & -4096L;

        Repeated() {
            super("repeated entry", 12, 4, 48, 0x1000L | 0x8000 | 0x20_0000 | 0x80_0000);
        }

        @Override
        public long tableEntry(int level, long table) {
            return table | 1 | (long) (level - 1) << 9;
        }

        @Override
        public long tableAddress(long entry) {
            return entry & ADDRESS;
        }

        @Override
        public boolean isLeaf(int level, long entry) {
            long next = entry >>> 9 & 7;
            return next == 0 || next == 7;
        }

        @Override
        public long leaf(int level, int pageShift, long address, int prot) {
            long size = pageShift > shift(level) ? (1L << pageShift - 1) - 1 & -4096L | 7L << 9 : 0;
            return address | size | 1 | (long) (prot & RW) << 61;
        }

        @Override
        public long leafAddress(int level, long entry) {
            return entry & ADDRESS & -(1L << leafShift(level, entry));
        }

        @Override
        public int leafProt(int level, long entry) {
            return (int) (entry >>> 61 & RW);
        }

        @Override
        public int leafShift(int level, long entry) {
            return (entry >>> 9 & 7) == 7 ? Long.numberOfTrailingZeros(~(entry >>> 12)) + 13 : shift(level);
        }

        @Override
        public long entryStep(int level) {
            return 0;
        }

        @Override
        public int outputBits() {
            return 52;
        }
    }
}
