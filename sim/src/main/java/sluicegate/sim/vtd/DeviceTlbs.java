package sluicegate.sim.vtd;

import java.util.HashSet;
import java.util.Set;
import sluicegate.sim.unit.Devices;

/**
 * Invalidations of devices' TLBs on their way to the devices; which devices do not answer them, and whether one of those was
 * asked. The TLBs themselves are the devices'.
 *
 * <p>Thread-safe.
 */
final class DeviceTlbs {
    private static final int NONE = -1;
    private static final int PAGE_SHIFT = 12;

    private final Set<Integer> silent = new HashSet<>();
    private volatile Devices devices = Devices.ABSENT;
    private volatile int unanswered = NONE;

    synchronized void silence(int sourceId, boolean on) {
        if (on) {
            silent.add(sourceId);
        } else {
            silent.remove(sourceId);
        }
    }

    /** Whom it tells. */
    void setDevices(Devices listener) {
        devices = listener;
    }

    /**
     * An invalidation goes out to a device.
     *
     * @param pasid {@link sluicegate.api.types.Pasid#NONE} without
     * @param address as the descriptor has it: with S set, its lowest clear bit says how many pages are meant (6.5.2.5)
     */
    void invalidate(int sourceId, int pasid, boolean global, long address, boolean several) {
        int ones = several ? Long.numberOfTrailingZeros(~(address >>> PAGE_SHIFT)) + 1 : 0;
        long size = PAGE_SHIFT + ones < Long.SIZE ? 1L << PAGE_SHIFT + ones : 0;
        boolean answered = devices.invalidate(sourceId, pasid, global, size == 0 ? 0 : address & -size, size);
        synchronized (this) {
            if (!answered || silent.contains(sourceId)) {
                unanswered = sourceId;
            }
        }
    }

    /** A device that has not answered since this was asked last; negative for none. */
    int takeUnanswered() {
        if (unanswered == NONE) {
            return NONE;
        }
        synchronized (this) {
            int found = unanswered;
            unanswered = NONE;
            return found;
        }
    }

    /** Nobody waits for answers any more. */
    synchronized void forget() {
        unanswered = NONE;
    }
}
