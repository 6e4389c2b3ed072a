package sluicegate.hw.vtd;

import java.util.BitSet;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** The domain ids of one unit, which tag what it caches. Thread-safe. */
final class DomainIds {
    /** Never used by a context entry: hardware in caching mode tags entries that are not present with it. */
    static final int RESERVED = 0;
    /** All pass-through context entries share this one ({@code FLPT_DEFAULT_DID}). */
    static final int PASS_THROUGH = 1;
    private static final int FIRST = 2;

    private final String unit;
    private final int count;
    private final BitSet taken = new BitSet();

    DomainIds(String unit, int count) {
        this.unit = unit;
        this.count = count;
    }

    /** Ids that tables of an earlier driver give to what the hardware caches of them, as long as it uses those. */
    synchronized void reserve(BitSet ids) {
        taken.or(ids);
    }

    /** The hardware has forgotten all that {@link #reserve reserved} ids stood for; none of them was ever allocated. */
    synchronized void release(BitSet ids) {
        taken.andNot(ids);
    }

    /** @throws IommuException ENOSPC if all are taken */
    synchronized int allocate() {
        int id = taken.nextClearBit(FIRST);
        if (id >= count) {
            throw IommuException.of(Errno.ENOSPC, "%s has %d domain ids (CAP_REG.ND) and all are taken; free a domain first",
                    unit, count);
        }
        taken.set(id);
        return id;
    }

    /** The hardware has forgotten all that was tagged with it. */
    synchronized void free(int id) {
        taken.clear(id);
    }
}
