package sluicegate.hw.smmuv3;

import sluicegate.api.types.Pasid;

/**
 * One thing that has to be told of what a domain no longer maps ({@code struct arm_smmu_inv}), as a word: kind, then ASID, VMID or
 * StreamID, then SubstreamID. As numbers these words are in the order in which hardware has to be told: the unit's own caches
 * before those of devices, which could fetch from them again, and stage 2 before the stage 1 that was made with it.
 *
 * <pre>
 *    63 60  59   53  52    21  20         0
 *  +------+--------+---------+-------------+
 *  | kind |   0    |   id    | SSID plus 1 |
 *  +------+--------+---------+-------------+
 * </pre>
 */
final class InvalidationTarget {
    /** Translations of stage 1 with an ASID. */
    static final int ASID = 0;
    /** Translations of stage 2 with a VMID. */
    static final int VMID = 1;
    /** Translations of stage 1 with a VMID, after those of stage 2 that they were made of. */
    static final int VMID_STAGE_1 = 2;
    /** What a device has cached of a range (ATS). */
    static final int DEVICE = 3;
    /** All that a device has cached: it knows other addresses than the domain, as with nested translation. */
    static final int WHOLE_DEVICE = 4;

    private static final int KIND_SHIFT = 60;
    private static final int ID_SHIFT = 21;

    private InvalidationTarget() {}

    private static long of(int kind, int id) {
        return (long) kind << KIND_SHIFT | Integer.toUnsignedLong(id) << ID_SHIFT;
    }

    static long asid(int asid) {
        return of(ASID, asid);
    }

    static long vmid(int vmid) {
        return of(VMID, vmid);
    }

    static long stage1OfVmid(int vmid) {
        return of(VMID_STAGE_1, vmid);
    }

    /**
     * @param ssid {@link Pasid#NONE} for requests without
     * @param whole whether the domain's addresses are not those that the device knows
     */
    static long device(int sid, int ssid, boolean whole) {
        return of(whole ? WHOLE_DEVICE : DEVICE, sid) | (ssid == Pasid.NONE ? 0 : ssid + 1);
    }

    /** The same of several streams. */
    static long[] devices(int[] sids, int ssid, boolean whole) {
        long[] targets = new long[sids.length];
        for (int i = 0; i < sids.length; i++) {
            targets[i] = device(sids[i], ssid, whole);
        }
        return targets;
    }

    static int kind(long target) {
        return (int) (target >>> KIND_SHIFT);
    }

    /** ASID, VMID or StreamID. */
    static int id(long target) {
        return (int) (target >>> ID_SHIFT);
    }

    static int ssid(long target) {
        int plusOne = (int) target & (1 << ID_SHIFT) - 1;
        return plusOne == 0 ? Pasid.NONE : plusOne - 1;
    }
}
