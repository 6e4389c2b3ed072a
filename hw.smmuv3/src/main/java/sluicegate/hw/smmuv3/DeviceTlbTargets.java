package sluicegate.hw.smmuv3;

import java.util.Arrays;
import sluicegate.api.types.Pasid;

/**
 * Which devices have translations of one domain in a cache of their own (ATS), so that invalidations must reach them too.
 * Looking at them takes no lock and allocates nothing.
 *
 * <p>Each target is one word: StreamID, then whether all that the device has cached counts, then SubstreamID plus one. A target
 * that was added twice has to be removed twice.
 */
final class DeviceTlbTargets {
    private static final long[] EMPTY = {};
    private static final long FULL = 1L << 32;
    private static final int SUBSTREAM_SHIFT = 33;

    private volatile long[] targets = EMPTY;

    /**
     * @param ssid {@link Pasid#NONE} for requests without
     * @param full whether the domain's addresses are not those that the device knows, as with nested translation
     */
    static long target(int sid, int ssid, boolean full) {
        return Integer.toUnsignedLong(sid) | (full ? FULL : 0) | (long) (ssid == Pasid.NONE ? 0 : ssid + 1) << SUBSTREAM_SHIFT;
    }

    static int sid(long target) {
        return (int) target;
    }

    static int ssid(long target) {
        int plusOne = (int) (target >>> SUBSTREAM_SHIFT);
        return plusOne == 0 ? Pasid.NONE : plusOne - 1;
    }

    static boolean isFull(long target) {
        return (target & FULL) != 0;
    }

    /** Not to be changed. */
    long[] get() {
        return targets;
    }

    synchronized void add(long target) {
        long[] now = targets;
        long[] next = Arrays.copyOf(now, now.length + 1);
        next[now.length] = target;
        targets = next;
    }

    synchronized void remove(long target) {
        long[] now = targets;
        for (int i = 0; i < now.length; i++) {
            if (now[i] == target) {
                long[] next = Arrays.copyOf(now, now.length - 1);
                System.arraycopy(now, i + 1, next, i, next.length - i);
                targets = next;
                return;
            }
        }
    }
}
