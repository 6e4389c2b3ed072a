package sluicegate.sim.vtd;

import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * The result of a walk in one word: a page, or why there is none.
 *
 * <pre>
 *    52  51              12  11   10   9   8   7    6      5     4   3   2   1   0
 * +----+-------------------+----+----+---+---+----+------+-------+-------+---+---+---+
 * | S2W| page, or fault    | S2R| CLN| X | U | S1W| KEEP | FAULT |  SIZE | V | W | R |
 * |    | code              |    |    |   |   |    |      |       |       |   |   |   |
 * +----+-------------------+----+----+---+---+----+------+-------+-------+---+---+---+
 * </pre>
 *
 * R and W are what a request without supervisor privilege may do at once. SIZE is 0 for 4 KiB, 1 for 2 MiB, 2 for 1 GiB. KEEP
 * marks a refusal that caching mode allows to cache: it comes from an entry that is not present or malformed, and so does not
 * depend on the access. The rest says in scalable mode what R and W come from: S1W, U and X are the first stage's write, user
 * and execute permission (X both stages'), S2R and S2W the second stage's, CLN means that a write has to set a dirty bit first.
 * A stage that is not used permits everything.
 */
final class LeafWord {
    /** No word: the cache has none. */
    static final long NONE = 0;

    static final long PERMISSIONS = SecondStageEntry.RW;
    static final long FAULT = 1L << 5;
    private static final long VALID = 1L << 2;
    private static final int SIZE_SHIFT = 3;
    private static final long KEEP = 1L << 6;
    static final long FIRST_WRITE = 1L << 7;
    static final long USER = 1L << 8;
    static final long EXECUTE = 1L << 9;
    static final long CLEAN = 1L << 10;
    static final long SECOND_READ = 1L << 11;
    static final long SECOND_WRITE = 1L << 52;
    /** What a stage that is not used grants. */
    static final long FIRST_ALL = FIRST_WRITE | USER | EXECUTE;
    static final long SECOND_ALL = SECOND_READ | SECOND_WRITE | EXECUTE;
    private static final long ADDRESS = SecondStageEntry.ADDR.mask();

    private LeafWord() {}

    static long page(long address, int level, long permissions) {
        return address | VALID | (long) (level - 1) << SIZE_SHIFT | permissions;
    }

    /**
     * A page of scalable mode.
     *
     * @param grants of {@link #FIRST_ALL}, {@link #SECOND_ALL} and {@link #CLEAN}
     */
    static long scalablePage(long address, int level, long grants) {
        long read = (grants & (USER | SECOND_READ)) == (USER | SECOND_READ) ? RequestAccess.READ : 0;
        long writable = USER | FIRST_WRITE | SECOND_WRITE;
        long write = (grants & (writable | CLEAN)) == writable ? RequestAccess.WRITE : 0;
        return page(address, level, grants | read | write);
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
