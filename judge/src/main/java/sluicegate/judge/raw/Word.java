package sluicegate.judge.raw;

import java.util.Locale;

/** A word on the way from the unit's registers to a page, in legacy mode. */
public enum Word {
    /** RTADDR_REG. */
    ROOT_ADDRESS,
    ROOT_LOW,
    ROOT_HIGH,
    CONTEXT_LOW,
    CONTEXT_HIGH,
    LEVEL4,
    LEVEL3,
    LEVEL2,
    LEVEL1;

    static final long TABLE_BLOCK_BITS = bits(15, 12);
    /** Addresses at which no machine of the judge has memory, nor registers, which a PC has between 2 GiB and 4 GiB. */
    static final long NO_MEMORY_BITS = bits(47, 32) | bits(30, 28);
    private static final long BUFFER_BITS = bits(23, 12);

    /**
     * The bits whose inversion leads to something that is the same on every machine: an address stays in the tables or in the
     * buffer, or leaves memory altogether.
     *
     * @param leaf whether the word is the entry of a page
     */
    long invertible(boolean leaf) {
        long addresses = NO_MEMORY_BITS | (leaf ? BUFFER_BITS : TABLE_BLOCK_BITS);
        return switch (this) {
            case ROOT_ADDRESS -> NO_MEMORY_BITS;
            case ROOT_HIGH, CONTEXT_HIGH -> -1L;
            case ROOT_LOW, CONTEXT_LOW -> addresses | bits(11, 0) | bits(63, 48);
            case LEVEL4, LEVEL3, LEVEL2, LEVEL1 -> addresses | bits(11, 0) | bits(63, 48);
        };
    }

    private static long bits(int high, int low) {
        return -1L >>> 63 - high & -1L << low;
    }

    /** {@code context-low} and so on. */
    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
