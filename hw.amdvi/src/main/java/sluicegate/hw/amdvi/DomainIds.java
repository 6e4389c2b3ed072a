package sluicegate.hw.amdvi;

import java.util.BitSet;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The domain ids of one unit, which tag what it caches (DTE.DOMAINID). A host domain has one; so has each device with guest
 * tables, whose PASIDs mean something only with it. Thread-safe.
 */
final class DomainIds {
    /** Of entries that block: nothing is cached for them. */
    static final int BLOCKED = 0;
    private static final int FIRST = 1;
    private static final int COUNT = 1 << 16;

    private final String unit;
    private final BitSet taken = new BitSet();

    DomainIds(String unit) {
        this.unit = unit;
    }

    /** Ids that tables of an earlier driver give to what hardware caches of them, as long as it uses those. */
    synchronized void reserve(BitSet ids) {
        taken.or(ids);
    }

    /** Hardware has forgotten all that {@link #reserve reserved} ids stood for; none of them was ever allocated. */
    synchronized void release(BitSet ids) {
        taken.andNot(ids);
    }

    /** @throws IommuException ENOSPC if all are taken */
    synchronized int allocate() {
        int id = taken.nextClearBit(FIRST);
        if (id >= COUNT) {
            throw IommuException.of(Errno.ENOSPC, "%s has %d domain ids and all are taken; free a domain first", unit, COUNT - FIRST);
        }
        taken.set(id);
        return id;
    }

    /** The hardware has forgotten all that was tagged with it. */
    synchronized void free(int id) {
        taken.clear(id);
    }
}
