package sluicegate.sim.smmuv3;

/**
 * The result of a walk of one stage in one word: a page, never negative. (A negative word is a {@link FaultWord}.)
 *
 * <pre>
 *   55 52 51        12  11  10   8    7        6     5    3 2    0
 * +------+------------+---+-------+--------+--------+------+------+
 * |  0   |  address   | V | SIZE  | DEVICE | GLOBAL | priv | user |
 * +------+------------+---+-------+--------+--------+------+------+
 * </pre>
 *
 * Permissions are those of {@link StreamAccess}. SIZE numbers the sizes of pages, see {@link #shiftOf}; DEVICE marks memory of
 * a device type; GLOBAL a page that belongs to all ASIDs.
 */
final class LeafWord {
    static final long GLOBAL = 1L << 6;
    static final long DEVICE = 1L << 7;

    /** How many sizes of pages there are. */
    static final int SIZES = 8;

    private static final int SIZE_SHIFT = 8;
    private static final long VALID = 1L << 11;
    private static final long ADDRESS = (1L << 52) - 1 & -1L << 12;
    /** The sizes, as powers of two, one byte each: 4K, 16K, 64K, 2M, 32M, 512M, 1G, 4T. */
    private static final long SHIFTS = 0x2a_1e_1d_19_15_10_0e_0cL;

    private LeafWord() {}

    static long page(long address, int shift, long permissionsAndFlags) {
        return address | VALID | (long) sizeOf(shift) << SIZE_SHIFT | permissionsAndFlags;
    }

    /** The number of a page size. */
    static int sizeOf(int shift) {
        return switch (shift) {
            case 12 -> 0;
            case 14 -> 1;
            case 16 -> 2;
            case 21 -> 3;
            case 25 -> 4;
            case 29 -> 5;
            case 42 -> 7;
            default -> 6;
        };
    }

    /** Whether there is such a size. */
    static boolean isSize(int shift) {
        return shiftOf(sizeOf(shift)) == shift;
    }

    /** The page size with a number, as a power of two. */
    static int shiftOf(int size) {
        return (int) (SHIFTS >>> 8 * size) & 0xff;
    }

    static int size(long word) {
        return (int) (word >>> SIZE_SHIFT) & 7;
    }

    /** Bits of the address within the page. */
    static int shift(long word) {
        return shiftOf(size(word));
    }

    static int permissions(long word) {
        return (int) word & StreamAccess.ALL;
    }

    /** The permissions of an access that the page lacks, 0 if it has them. */
    static int missing(long word, int access) {
        return access & ~(int) word & StreamAccess.ALL;
    }

    /** A page of stage 1 and the page of stage 2 where its address for {@code input} lies, as one. */
    static long combine(long first, long second, long input) {
        int shift = Math.min(shift(first), shift(second));
        long address = translate(second, translate(first, input)) & -1L << shift;
        return page(address, shift, first & second & StreamAccess.ALL | first & GLOBAL);
    }

    static long translate(long word, long input) {
        long offset = (1L << shift(word)) - 1;
        return word & ADDRESS & ~offset | input & offset;
    }
}
