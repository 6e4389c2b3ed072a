package sluicegate.hw.smmuv3;

import sluicegate.hw.common.IdSpace;

/**
 * The ASIDs or the VMIDs of one unit, which tag what its TLBs hold. None is 0: VMID 0 is the one of streams without stage 2.
 * Thread-safe.
 */
final class Ids extends IdSpace {
    private static final int FIRST = 1;

    /**
     * @param kind what they are, for messages
     * @param bits their width
     */
    Ids(String unit, String kind, int bits) {
        super(unit, kind + "s", FIRST, 1 << bits);
    }
}
