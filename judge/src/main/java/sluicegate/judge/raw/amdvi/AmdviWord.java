package sluicegate.judge.raw.amdvi;

import java.util.Locale;

/** A word on the way from a device id to a page. Levels are those of the tables that they are in. */
enum AmdviWord {
    DTE0,
    DTE1,
    DTE2,
    DTE3,
    GCR3_3,
    GCR3_2,
    GCR3_1,
    GUEST5,
    GUEST4,
    GUEST3,
    GUEST2,
    GUEST1,
    HOST6,
    HOST5,
    HOST4,
    HOST3,
    HOST2,
    HOST1,
    /** The entry of the interrupt remapping table, of which the form of 128 bits has two words. */
    INTERRUPT0,
    INTERRUPT1;

    /** No machine of the judge has memory at addresses with one of these inverted, but for a second half without tables. */
    private static final long FAR_BITS = bits(51, 31);
    private static final long TABLE_BLOCK_BITS = bits(15, 12);
    private static final long BUFFER_BITS = bits(23, 12);
    private static final long NO_ADDRESS_BITS = bits(63, 52) | bits(11, 0);

    /** The bits whose inversion leads to something that can be predicted: an address stays in the tables or in the buffer, or is far. */
    long invertible(AmdviShape shape) {
        return switch (this) {
            case DTE0 -> -1L & ~bits(30, 16);
            // Parts of the address of the GCR3 table: bits 15 in 80 and 31 up in 107 up.
            case DTE1 -> shape.hasGuestTables() ? -1L & ~bits(31, 17) : -1L;
            case DTE2 -> shape.interrupt() ? -1L & ~bits(30, 16) : -1L;
            case DTE3, INTERRUPT0, INTERRUPT1 -> -1L;
            default -> NO_ADDRESS_BITS | FAR_BITS | (isPage(shape) ? BUFFER_BITS : TABLE_BLOCK_BITS);
        };
    }

    /** Whether it is the entry of a page. */
    boolean isPage(AmdviShape shape) {
        return this == host(shape.hostLeaf()) || shape.hasGuestTables() && this == guest(shape.leafLevel());
    }

    /** Whether the tables of a shape have it. */
    boolean isIn(AmdviShape shape) {
        int level = ordinal() <= DTE3.ordinal() ? 0 : ordinal() <= GCR3_1.ordinal() ? 1 + GCR3_1.ordinal() - ordinal()
                : ordinal() <= GUEST1.ordinal() ? 1 + GUEST1.ordinal() - ordinal() : 1 + HOST1.ordinal() - ordinal();
        return switch (this) {
            case DTE0, DTE1, DTE2, DTE3 -> true;
            case GCR3_3, GCR3_2, GCR3_1 -> shape.hasGuestTables() && level <= shape.gcr3Levels();
            case GUEST5, GUEST4, GUEST3, GUEST2, GUEST1 -> level <= shape.guestLevels() && level >= shape.leafLevel();
            case HOST6, HOST5, HOST4, HOST3, HOST2, HOST1 -> level <= shape.hostLevels() && level >= shape.hostLeaf()
                    && !(shape.skips() && level < shape.hostLevels() && level > shape.hostLeaf());
            case INTERRUPT0, INTERRUPT1 -> shape.interrupt();
        };
    }

    static AmdviWord gcr3(int level) {
        return values()[GCR3_1.ordinal() + 1 - level];
    }

    static AmdviWord guest(int level) {
        return values()[GUEST1.ordinal() + 1 - level];
    }

    static AmdviWord host(int level) {
        return values()[HOST1.ordinal() + 1 - level];
    }

    private static long bits(int high, int low) {
        return -1L >>> 63 - high & -1L << low;
    }

    /** {@code dte0} and so on. */
    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
