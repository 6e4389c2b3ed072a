package sluicegate.judge.raw;

import java.util.Locale;

/** A word on the way from the root table to a page, in scalable mode. Levels are those of the tables that they are in. */
public enum ScalableWord {
    ROOT,
    CONTEXT0,
    CONTEXT1,
    CONTEXT2,
    CONTEXT3,
    DIRECTORY,
    PASID0,
    PASID1,
    PASID2,
    PASID3,
    PASID7,
    FIRST4,
    FIRST3,
    FIRST2,
    FIRST1,
    SECOND4,
    SECOND3,
    SECOND2,
    SECOND1;

    private static final long BUFFER_BITS = bits(23, 12);

    /**
     * The bits whose inversion leads to something that can be predicted: an address stays in the tables or in the buffer, or goes where
     * nothing is.
     *
     * @param leaf whether the word is the entry of a page
     */
    long invertible(boolean leaf) {
        return switch (this) {
            case CONTEXT1, CONTEXT2, CONTEXT3, PASID1, PASID3, PASID7 -> -1L;
            default -> Word.NO_MEMORY_BITS | bits(11, 0) | bits(63, 48) | (leaf ? BUFFER_BITS : Word.TABLE_BLOCK_BITS);
        };
    }

    private static long bits(int high, int low) {
        return -1L >>> 63 - high & -1L << low;
    }

    static ScalableWord first(int level) {
        return values()[FIRST1.ordinal() - level + 1];
    }

    static ScalableWord second(int level) {
        return values()[SECOND1.ordinal() - level + 1];
    }

    /** {@code context0} and so on. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
