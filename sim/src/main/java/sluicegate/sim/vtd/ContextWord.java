package sluicegate.sim.vtd;

import sluicegate.spec.vtd.FaultReason;

/**
 * What a request needs to know of its context entry, in one word, so that a cache of such words can be read without a lock
 * and never torn.
 *
 * <pre>
 *   63   62  61    59  58   57  56 55      40 39                        0
 * +---+-----+--------+-----+------+----------+---------------------------+
 * | 0 |  V  | LEVELS | FPD | KIND |   DID    | page-table page number,   |
 * |   |     |        |     |      |          | or the code of a fault    |
 * +---+-----+--------+-----+------+----------+---------------------------+
 * </pre>
 */
final class ContextWord {
    /** No word: the cache has none. */
    static final long NONE = 0;

    /** Requests are translated by second-stage tables; only untranslated requests are allowed. */
    static final int UNTRANSLATED = 0;
    /** As {@link #UNTRANSLATED}, and translation requests and translated requests are allowed too. */
    static final int DEVICE_TLB = 1;
    /** Untranslated requests pass with the address that they have. */
    static final int PASS_THROUGH = 2;
    /** Every request is refused. */
    static final int FAULT = 3;

    private static final long VALID = 1L << 62;
    private static final int LEVELS_SHIFT = 59;
    private static final long FPD = 1L << 58;
    private static final int KIND_SHIFT = 56;
    private static final int DID_SHIFT = 40;
    private static final long PAGE_NUMBER = (1L << DID_SHIFT) - 1;

    private ContextWord() {}

    static long of(int kind, long table, int did, int levels, boolean fpd) {
        return VALID | (long) levels << LEVELS_SHIFT | (fpd ? FPD : 0) | (long) kind << KIND_SHIFT
                | (long) did << DID_SHIFT | table >>> 12;
    }

    /** A refusal. Cached ones bear domain id 0, as the manual says of caching mode (6.1). */
    static long fault(FaultReason reason, boolean fpd) {
        return VALID | (fpd ? FPD : 0) | (long) FAULT << KIND_SHIFT | reason.code();
    }

    static int kind(long word) {
        return (int) (word >>> KIND_SHIFT) & 3;
    }

    static int did(long word) {
        return (int) (word >>> DID_SHIFT) & 0xffff;
    }

    static long table(long word) {
        return (word & PAGE_NUMBER) << 12;
    }

    static int faultCode(long word) {
        return (int) (word & 0xff);
    }

    static int levels(long word) {
        return (int) (word >>> LEVELS_SHIFT) & 7;
    }

    static boolean faultsDisabled(long word) {
        return (word & FPD) != 0;
    }
}
