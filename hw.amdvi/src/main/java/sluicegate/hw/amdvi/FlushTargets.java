package sluicegate.hw.amdvi;

import java.util.Arrays;
import sluicegate.api.types.Pasid;

/**
 * Who uses a domain, as far as invalidations have to know: devices with a TLB of their own (ATS), and those whose guest
 * tables it is. Looking at them takes no lock and allocates nothing.
 *
 * <p>Each target is one word; one that was added twice has to be removed twice.
 *
 * <pre>
 *    63 60   59 54      53       52 32       31 16        15 0
 * +-------+--------+-------+------------+-----------+-----------+
 * |   0   | depth  |  ATS  | PASID + 1  | domain id | device id |
 * +-------+--------+-------+------------+-----------+-----------+
 * </pre>
 */
final class FlushTargets {
    private static final long[] EMPTY = {};
    private static final int DOMAIN_SHIFT = 16;
    private static final int PASID_SHIFT = 32;
    private static final int PASID_MASK = 0x1f_ffff;
    private static final int DEVICE_TLB_SHIFT = 53;
    private static final int DEPTH_SHIFT = 54;

    private volatile long[] targets = EMPTY;

    /**
     * @param domainId under which the unit caches what the device uses
     * @param pasid {@link Pasid#NONE} for requests without
     * @param deviceTlb whether the device has a TLB of its own
     * @param queueDepth how many invalidations it takes at once, up to 32
     */
    static long target(int deviceId, int domainId, int pasid, boolean deviceTlb, int queueDepth) {
        return deviceId | (long) domainId << DOMAIN_SHIFT | (long) (pasid == Pasid.NONE ? 0 : pasid + 1) << PASID_SHIFT
                | (deviceTlb ? 1L << DEVICE_TLB_SHIFT : 0) | (long) queueDepth << DEPTH_SHIFT;
    }

    static int deviceId(long target) {
        return (int) target & 0xffff;
    }

    static int domainId(long target) {
        return (int) (target >>> DOMAIN_SHIFT) & 0xffff;
    }

    static int pasid(long target) {
        int plusOne = (int) (target >>> PASID_SHIFT) & PASID_MASK;
        return plusOne == 0 ? Pasid.NONE : plusOne - 1;
    }

    static boolean hasDeviceTlb(long target) {
        return (target >>> DEVICE_TLB_SHIFT & 1) != 0;
    }

    static int queueDepth(long target) {
        return (int) (target >>> DEPTH_SHIFT) & 0x3f;
    }

    /** Not to be changed. */
    long[] get() {
        return targets;
    }

    boolean contains(long target) {
        for (long each : targets) {
            if (each == target) {
                return true;
            }
        }
        return false;
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
