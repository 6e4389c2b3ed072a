package sluicegate.hw.vtd;

import java.util.Arrays;
import sluicegate.api.types.Pasid;

/**
 * Who uses a domain, as far as changes of it have to know: under which PASIDs hardware caches it, and which devices have a TLB of
 * their own (ATS). Looking at them takes no lock and allocates nothing.
 *
 * <p>Each user is one word; one that was added twice has to be removed twice.
 *
 * <pre>
 *    63 43   42 38     37         36 16        15 0
 * +-------+--------+-------+-------------+-----------+
 * |   0   | depth  |  ATS  | PASID + 1   | source id |
 * +-------+--------+-------+-------------+-----------+
 * </pre>
 */
final class DomainUsers {
    private static final Users NOBODY = new Users(new long[0], new int[0], new long[0]);
    private static final int PASID_SHIFT = 16;
    private static final int PASID_MASK = 0x1f_ffff;
    private static final int DEVICE_TLB_SHIFT = 37;
    private static final int DEPTH_SHIFT = 38;

    private volatile Users users = NOBODY;

    private record Users(long[] all, int[] slots, long[] deviceTlbs) {
        static Users of(long... all) {
            return new Users(all, Arrays.stream(all).mapToInt(DomainUsers::slot).distinct().toArray(),
                    Arrays.stream(all).filter(DomainUsers::hasDeviceTlb).toArray());
        }
    }

    /**
     * @param pasid {@link Pasid#NONE} for requests without
     * @param deviceTlb whether the device may have a TLB of its own
     * @param queueDepth how many invalidations it takes at once, up to 31; 0 for 32
     */
    static long user(int sourceId, int pasid, boolean deviceTlb, int queueDepth) {
        return sourceId | (long) (pasid == Pasid.NONE ? 0 : pasid + 1) << PASID_SHIFT | (deviceTlb ? 1L << DEVICE_TLB_SHIFT : 0)
                | (long) (queueDepth & 0x1f) << DEPTH_SHIFT;
    }

    static int sourceId(long user) {
        return (int) user & 0xffff;
    }

    static int pasid(long user) {
        int plusOne = (int) (user >>> PASID_SHIFT) & PASID_MASK;
        return plusOne == 0 ? Pasid.NONE : plusOne - 1;
    }

    /** The PASID under which hardware translates it. */
    static int slot(long user) {
        return ScalableTables.slot(pasid(user));
    }

    static boolean hasDeviceTlb(long user) {
        return (user >>> DEVICE_TLB_SHIFT & 1) != 0;
    }

    static int queueDepth(long user) {
        return (int) (user >>> DEPTH_SHIFT) & 0x1f;
    }

    /** All of them; not to be changed. */
    long[] all() {
        return users.all;
    }

    /** The PASIDs under which hardware caches what they use, each once; not to be changed. */
    int[] slots() {
        return users.slots;
    }

    /** Those with a TLB of their own; not to be changed. */
    long[] deviceTlbs() {
        return users.deviceTlbs;
    }

    synchronized void add(long user) {
        long[] now = users.all;
        long[] next = Arrays.copyOf(now, now.length + 1);
        next[now.length] = user;
        users = Users.of(next);
    }

    synchronized void remove(long user) {
        long[] now = users.all;
        for (int i = 0; i < now.length; i++) {
            if (now[i] == user) {
                long[] next = Arrays.copyOf(now, now.length - 1);
                System.arraycopy(now, i + 1, next, i, next.length - i);
                users = Users.of(next);
                return;
            }
        }
    }
}
