package sluicegate.sim.amdvi;

/**
 * Which addresses an invalidation means (2.4.3): a page of 4 KiB, or with S a power of two whose size the lowest zero bit of the
 * address tells. A range is its first address and its size as a power of two; 64 or more is everything. There is no object for
 * it, since an invalidation is not to create any.
 */
final class AddressRange {
    static final int SMALLEST_SHIFT = 12;
    private static final long SMALLEST = 1L << SMALLEST_SHIFT;
    /** From here on no address is left out that software could mean: bit 63 of the address tells nothing. */
    private static final int ALL = 64;

    private AddressRange() {}

    /**
     * The size of a range as a power of two.
     *
     * @param sized S
     */
    static int shift(long address, boolean sized) {
        return sized ? Long.numberOfTrailingZeros(~(address | SMALLEST - 1)) + 1 : SMALLEST_SHIFT;
    }

    static long first(long address, int shift) {
        return isAll(shift) ? 0 : address & -1L << shift;
    }

    static boolean isAll(int shift) {
        return shift >= ALL;
    }

    static long last(long first, int shift) {
        return isAll(shift) ? -1L : first + (1L << shift) - 1;
    }

    /** The size in bytes, 0 for everything. */
    static long bytes(int shift) {
        return isAll(shift) ? 0 : 1L << shift;
    }
}
