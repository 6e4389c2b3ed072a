package sluicegate.sim.smmuv3;

import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.TranslationFaultEvent;

/**
 * Why a walk failed, in one negative word, so that nothing has to be allocated before an event is recorded.
 *
 * <pre>
 *   63  62   57  56  55   54    53    52   51                3 2 0
 * +---+--------+----+-------+-------+------+------------------+---+
 * | 1 |  EVENT | S2 | CLASS | TTRNW |  0   | address          | 0 |
 * +---+--------+----+-------+-------+------+------------------+---+
 * </pre>
 *
 * The address is the IPA of a fault at stage 2, and where a fetch was aborted the physical address of it.
 */
final class FaultWord {
    private static final long FAULT = 1L << 63;
    private static final int EVENT_SHIFT = 57;
    private static final long S2 = 1L << 56;
    private static final int CLASS_SHIFT = 54;
    private static final long CLASS = 3L << CLASS_SHIFT;
    private static final long TTRNW = 1L << 53;
    private static final long ADDRESS = (1L << 52) - 1 & ~7L;

    private FaultWord() {}

    /** At stage 1: its input address. */
    static long stage1(EventType event) {
        return FAULT | (long) event.code() << EVENT_SHIFT | (long) TranslationFaultEvent.CLASS_IN << CLASS_SHIFT;
    }

    /** At stage 2: the address that it was given. */
    static long stage2(EventType event, long ipa) {
        return stage1(event) | S2 | ipa & ADDRESS;
    }

    /** The fetch of a descriptor was aborted. */
    static long aborted(boolean stage2, long fetched) {
        long word = FAULT | (long) EventType.F_WALK_EABT.code() << EVENT_SHIFT | fetched & ADDRESS;
        int kind = stage2 ? TranslationFaultEvent.CLASS_IN : TranslationFaultEvent.CLASS_TT;
        return word | (long) kind << CLASS_SHIFT | (stage2 ? S2 : 0);
    }

    /** The fetch of a configuration structure was aborted. */
    static long fetch(EventType event, long fetched) {
        return FAULT | (long) event.code() << EVENT_SHIFT | fetched & ADDRESS;
    }

    /** A fault of stage 2 that a walk of stage 1 ran into, at a descriptor. */
    static long atDescriptor(long word, boolean read) {
        return word & ~CLASS | (long) TranslationFaultEvent.CLASS_TT << CLASS_SHIFT | (read ? TTRNW : 0);
    }

    /** A fault of stage 2 that the fetch of a context descriptor ran into. */
    static long atContextDescriptor(long word) {
        return word & ~CLASS | (long) TranslationFaultEvent.CLASS_CD << CLASS_SHIFT;
    }

    static boolean isFault(long word) {
        return word < 0;
    }

    static int event(long word) {
        return (int) (word >>> EVENT_SHIFT) & 0x3f;
    }

    static boolean isStage2(long word) {
        return (word & S2) != 0;
    }

    static int faultClass(long word) {
        return (int) ((word & CLASS) >>> CLASS_SHIFT);
    }

    static boolean tableRead(long word) {
        return (word & TTRNW) != 0;
    }

    static long address(long word) {
        return word & ADDRESS;
    }
}
