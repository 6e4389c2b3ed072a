package sluicegate.hw.smmuv3;

import java.util.BitSet;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The ASIDs or the VMIDs of one unit, which tag what its TLBs hold. None is 0: VMID 0 is the one of streams without stage 2.
 * Thread-safe.
 */
final class Ids {
    private static final int FIRST = 1;

    private final String unit;
    private final String kind;
    private final int count;
    private final BitSet taken = new BitSet();

    /**
     * @param kind what they are, for messages
     * @param bits their width
     */
    Ids(String unit, String kind, int bits) {
        this.unit = unit;
        this.kind = kind;
        this.count = 1 << bits;
    }

    /** @throws IommuException ENOSPC if all are taken */
    synchronized int allocate() {
        int id = taken.nextClearBit(FIRST);
        if (id >= count) {
            throw IommuException.of(Errno.ENOSPC, "%s has %d %ss and all are taken; free a domain first", unit, count - FIRST, kind);
        }
        taken.set(id);
        return id;
    }

    /** Those that an earlier driver's tables go on using are given to nobody. */
    synchronized void reserve(BitSet used) {
        taken.or(used);
    }

    /** The hardware has forgotten all that was tagged with them. */
    synchronized void release(BitSet used) {
        taken.andNot(used);
    }

    /** The hardware has forgotten all that was tagged with it. */
    synchronized void free(int id) {
        taken.clear(id);
    }
}
