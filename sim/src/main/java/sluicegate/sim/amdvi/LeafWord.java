package sluicegate.sim.amdvi;

import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.HostPageEntry;

/**
 * The result of a walk in one word: a page, or why there is none.
 *
 * <pre>
 *   63  62 58  57   52  51                 12  11 8    7    6    5   4   3   2   1   0
 * +---+------+--------+----------------------+------+-----+----+----+---+---+---+---+---+
 * | 0 |      | SHIFT  | page                 |      | NST | CLN| RD | WR| X | U | W | R |
 * +---+------+--------+----------------------+------+-----+----+----+---+---+---+---+---+
 * | 1 | CODE |        | address of an entry, for hardware errors: bits 51:3             |
 * +---+------+--------+-----------------------------------------------------------------+
 * </pre>
 *
 * R and W are what a request for data without privilege may do at once. The rest says what they come from: RD and WR whether
 * the tables grant reading and writing, U and X what the guest tables say of user and execution, CLN that a write has to set a
 * dirty bit first, NST that both stages were walked. SHIFT is the size of the page as a power of two.
 */
final class LeafWord {
    /** No word: the cache has none. */
    static final long NONE = 0;

    static final long READ_WRITE = RequestAccess.READ | RequestAccess.WRITE;
    static final long USER = 1L << 2;
    static final long EXECUTE = 1L << 3;
    static final long MAY_WRITE = 1L << 4;
    static final long MAY_READ = 1L << 5;
    static final long CLEAN = 1L << 6;
    static final long NESTED = 1L << 7;
    /** What a stage that is not used grants. */
    static final long ALL = USER | EXECUTE | MAY_WRITE | MAY_READ;

    /** An entry is not present. */
    static final int NOT_PRESENT = 1;
    /** A permission is missing on the way. */
    static final int FORBIDDEN = 2;
    /** A reserved bit of an entry is set. */
    static final int RESERVED = 3;
    /** An entry says a level or a size that cannot be, or the address has bits for which there is no level. */
    static final int ILLEGAL_LEVEL = 4;
    /** An entry is where no memory is. */
    static final int UNREADABLE = 5;

    private static final int SHIFT_AT = 52;
    private static final int CODE_AT = 58;
    private static final long FAULT = 1L << 63;
    private static final long ADDRESS = HostPageEntry.ADDR.mask();
    private static final long ENTRY_ADDRESS = (1L << 52) - 8;

    private LeafWord() {}

    /**
     * @param address of the page
     * @param grants of {@link #ALL}, {@link #CLEAN} and {@link #NESTED}
     */
    static long page(long address, int shift, long grants) {
        long read = (grants & (USER | MAY_READ)) == (USER | MAY_READ) ? RequestAccess.READ : 0;
        long write = (grants & (USER | MAY_WRITE | CLEAN)) == (USER | MAY_WRITE) ? RequestAccess.WRITE : 0;
        return (long) shift << SHIFT_AT | address & ADDRESS | grants | read | write;
    }

    static long fault(int code) {
        return FAULT | (long) code << CODE_AT;
    }

    /** @param entry where the entry would be */
    static long unreadable(long entry) {
        return fault(UNREADABLE) | entry & ENTRY_ADDRESS;
    }

    static boolean isFault(long word) {
        return word < 0;
    }

    static int code(long word) {
        return (int) (word >>> CODE_AT) & 0x1f;
    }

    static long entryAddress(long word) {
        return word & ENTRY_ADDRESS;
    }

    /** Whether a unit that keeps what is not present may keep a fault: it does not depend on the access. */
    static boolean mayKeep(long word) {
        return !isFault(word) || code(word) == NOT_PRESENT;
    }

    /** Whether a write has to go to the tables, where the dirty bit is not set yet. */
    static boolean needsDirty(long word, int access) {
        return !isFault(word) && (access & RequestAccess.WRITE) != 0 && (word & CLEAN) != 0;
    }

    static int shift(long word) {
        return (int) (word >>> SHIFT_AT) & 0x3f;
    }

    static long grants(long word) {
        return word & (ALL | CLEAN | NESTED);
    }

    static long translate(long word, long iova) {
        long offset = (1L << shift(word)) - 1;
        return word & ADDRESS & ~offset | iova & offset;
    }

    /**
     * What a page grants to a request.
     *
     * @param limit {@link RequestAccess} READ and WRITE as the device table entry has them
     * @return {@link RequestAccess} READ, WRITE, EXECUTE
     */
    static int granted(long word, int limit, boolean privileged) {
        if (!privileged && (word & USER) == 0) {
            return 0;
        }
        int granted = ((word & MAY_READ) != 0 ? RequestAccess.READ : 0) | ((word & MAY_WRITE) != 0 ? RequestAccess.WRITE : 0);
        granted &= limit;
        return granted | ((word & EXECUTE) != 0 && (granted & RequestAccess.READ) != 0 ? RequestAccess.EXECUTE : 0);
    }
}
