package sluicegate.sim.vtd;

import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * The result of a second-stage walk in one word: a page, or why there is none.
 *
 * <pre>
 *   51                12 11   7    6         5     4    3    2   1   0
 * +---------------------+------+--------+-------+--------+-----+---+---+
 * | page, or fault code |  0   | KEEP   | FAULT |  SIZE  |  V  | W | R |
 * +---------------------+------+--------+-------+--------+-----+---+---+
 * </pre>
 *
 * SIZE is 0 for 4 KiB, 1 for 2 MiB, 2 for 1 GiB. KEEP marks a refusal that caching mode allows to cache: it comes from an
 * entry that is not present or malformed, and so does not depend on the access.
 */
final class LeafWord {
    /** No word: the cache has none. */
    static final long NONE = 0;

    static final long PERMISSIONS = SecondStageEntry.RW;
    static final long FAULT = 1L << 5;
    private static final long VALID = 1L << 2;
    private static final int SIZE_SHIFT = 3;
    private static final long KEEP = 1L << 6;
    private static final long ADDRESS = SecondStageEntry.ADDR.mask();

    private LeafWord() {}

    static long page(long address, int level, long permissions) {
        return address | VALID | (long) (level - 1) << SIZE_SHIFT | permissions;
    }

    /** Neither reading nor writing is granted somewhere on the way: the fault depends on what is asked for. */
    static long notPresent() {
        return VALID | FAULT | KEEP;
    }

    /** An entry that cannot be used whatever is asked for. */
    static long malformed(FaultReason reason) {
        return VALID | FAULT | KEEP | (long) reason.code() << 12;
    }

    /** A permission that is missing on the way. */
    static long refused(int reason) {
        return VALID | FAULT | (long) reason << 12;
    }

    static boolean isFault(long word) {
        return (word & FAULT) != 0;
    }

    static boolean mayKeep(long word) {
        return (word & (FAULT | KEEP)) != FAULT;
    }

    /** The code of a fault that the entries make whatever is asked for; 0 where what is missing decides. */
    static int ownFaultCode(long word) {
        return (int) (word >>> 12) & 0xff;
    }

    /** The code of a fault; what is missing decides where the entry does not. */
    static int faultCode(long word, int access) {
        int code = ownFaultCode(word);
        return isFault(word) && code != 0 ? code : missing(access & ~(int) (word & PERMISSIONS));
    }

    /** The fault for permissions that are missing. */
    static int missing(int permissions) {
        return (permissions & RequestAccess.WRITE) != 0
                ? FaultReason.WRITE_NOT_PERMITTED.code()
                : FaultReason.READ_NOT_PERMITTED.code();
    }

    /** Bits of the address within the page. */
    static int shift(long word) {
        return 12 + 9 * ((int) (word >>> SIZE_SHIFT) & 3);
    }

    static int sizeClass(long word) {
        return (int) (word >>> SIZE_SHIFT) & 3;
    }

    static long translate(long word, long iova) {
        long offset = (1L << shift(word)) - 1;
        return word & ADDRESS & ~offset | iova & offset;
    }
}
