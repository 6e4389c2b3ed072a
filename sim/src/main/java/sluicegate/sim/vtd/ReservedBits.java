package sluicegate.sim.vtd;

import sluicegate.spec.Layout;
import sluicegate.spec.vtd.InvalidationQueueError;

/** The bits of an invalidation descriptor's first two words that must be zero. All of the others must be, too. */
record ReservedBits(long low, long high) {
    static ReservedBits of(Layout layout) {
        return new ReservedBits(layout.reservedMask(0), layout.reservedMask(1));
    }

    /** {@link InvalidationQueueError#UNKNOWN} for nothing. */
    InvalidationQueueError check(long lowWord, long highWord) {
        return ((lowWord & low) | (highWord & high)) == 0
                ? InvalidationQueueError.UNKNOWN
                : InvalidationQueueError.RESERVED_FIELD;
    }
}
