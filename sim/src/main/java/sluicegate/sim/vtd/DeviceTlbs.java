package sluicegate.sim.vtd;

import java.util.HashSet;
import java.util.Set;

/**
 * Which devices do not answer invalidations of their TLBs, and whether one of them was asked. The TLBs themselves are the
 * devices'.
 *
 * <p>Thread-safe.
 */
final class DeviceTlbs {
    private static final int NONE = -1;

    private final Set<Integer> silent = new HashSet<>();
    private int unanswered = NONE;

    synchronized void silence(int sourceId, boolean on) {
        if (on) {
            silent.add(sourceId);
        } else {
            silent.remove(sourceId);
        }
    }

    /** An invalidation goes out to a device. */
    synchronized void invalidate(int sourceId) {
        if (silent.contains(sourceId)) {
            unanswered = sourceId;
        }
    }

    /** A device that has not answered since this was asked last; negative for none. */
    synchronized int takeUnanswered() {
        int found = unanswered;
        unanswered = NONE;
        return found;
    }

    /** Nobody waits for answers any more. */
    synchronized void forget() {
        unanswered = NONE;
    }
}
