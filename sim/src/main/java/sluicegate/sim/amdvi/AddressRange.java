package sluicegate.sim.amdvi;

/**
 * Which addresses an invalidation means (2.4.3): a page of 4 KiB, or with S a power of two whose size the lowest zero bit of the
 * address tells.
 *
 * @param first its first address
 * @param shift its size as a power of two; 64 or more for everything
 */
record AddressRange(long first, int shift) {
    static final long SMALLEST = 4096;

    private static final int SMALLEST_SHIFT = 12;
    /** From here on no address is left out that software could mean: bit 63 of the address tells nothing. */
    private static final int ALL = 64;

    /** @param sized S */
    static AddressRange of(long address, boolean sized) {
        int shift = sized ? Long.numberOfTrailingZeros(~(address | SMALLEST - 1)) + 1 : SMALLEST_SHIFT;
        return new AddressRange(shift >= ALL ? 0 : address & -1L << shift, shift);
    }

    boolean isAll() {
        return shift >= ALL;
    }

    long last() {
        return isAll() ? -1L : first + (1L << shift) - 1;
    }

    long bytes() {
        return 1L << shift;
    }
}
