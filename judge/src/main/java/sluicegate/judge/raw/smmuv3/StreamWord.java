package sluicegate.judge.raw.smmuv3;

import java.util.Locale;

/** A word on the way from a stream to a page. */
public enum StreamWord {
    /** Word 0 of the stream table entry. */
    STREAM_LOW,
    STREAM_HIGH,
    /** Word 0 of the context descriptor. */
    CONTEXT,
    /** Word 1. */
    TABLE_BASE,
    LEVEL0,
    LEVEL1,
    LEVEL2,
    LEVEL3;

    private static final long TABLE_BLOCK_BITS = bits(15, 12);
    private static final long BUFFER_BITS = bits(23, 12);
    /** No machine of the judge has memory or registers at addresses with one of these inverted. */
    private static final long NO_MEMORY_BITS = bits(37, 31);
    /** V and Config; where the descriptor is. What depends on features of the unit that QEMU lacks is left out. */
    private static final long STREAM_BITS = bits(3, 0) | NO_MEMORY_BITS | TABLE_BLOCK_BITS;
    /** MEV, S1STALLD and SHCFG, which change nothing but S1STALLD. */
    private static final long STREAM_HIGH_BITS = bits(19, 19) | bits(27, 27) | bits(45, 44);
    /** T0SZ, TG0, cacheability, EPD0, ENDI, EPD1, V, AFFD, AA64, HD, HA, S, R, A, ASID. */
    private static final long CONTEXT_BITS = bits(15, 0) | bits(31, 30) | bits(35, 35) | bits(46, 41) | bits(63, 48);
    private static final long DESCRIPTOR_BITS = bits(1, 0) | NO_MEMORY_BITS | bits(58, 54);

    /** The bits whose inversion leads to something that is the same on every machine. @param leaf whether it is a page's */
    long invertible(boolean leaf) {
        return switch (this) {
            case STREAM_LOW -> STREAM_BITS;
            case STREAM_HIGH -> STREAM_HIGH_BITS;
            case CONTEXT -> CONTEXT_BITS;
            case TABLE_BASE -> NO_MEMORY_BITS | TABLE_BLOCK_BITS;
            case LEVEL0, LEVEL1, LEVEL2, LEVEL3 -> DESCRIPTOR_BITS | (leaf ? leafBits() : TABLE_BLOCK_BITS | bits(62, 61));
        };
    }

    /** A page of 1 GiB holds more than the buffer: as a table, it may not lead elsewhere in there. */
    private long leafBits() {
        return bits(11, 2) | (this == LEVEL1 ? 0 : BUFFER_BITS);
    }

    private static long bits(int high, int low) {
        return -1L >>> 63 - high & -1L << low;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
