package sluicegate.hw.common;

import java.util.BitSet;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Numbers of one unit that tag what its hardware caches. Thread-safe. */
public class IdSpace {
    private final String unit;
    private final String kind;
    private final int first;
    private final int count;
    private final BitSet taken = new BitSet();

    /**
     * @param kind what they are, in the plural, for messages
     * @param first the lowest that may be given
     * @param count of all that there are, counted from 0
     */
    protected IdSpace(String unit, String kind, int first, int count) {
        this.unit = unit;
        this.kind = kind;
        this.first = first;
        this.count = count;
    }

    /** Those that tables of an earlier driver give to what hardware caches of them are given to nobody as long as it uses those. */
    public final synchronized void reserve(BitSet ids) {
        taken.or(ids);
    }

    /** Hardware has forgotten all that {@link #reserve reserved} ones stood for; none of them was ever allocated. */
    public final synchronized void release(BitSet ids) {
        taken.andNot(ids);
    }

    /** @throws IommuException ENOSPC if all are taken */
    public final synchronized int allocate() {
        int id = taken.nextClearBit(first);
        if (id >= count) {
            throw IommuException.of(Errno.ENOSPC, "%s has %d %s and all are taken; free a domain first", unit, count - first, kind);
        }
        taken.set(id);
        return id;
    }

    /** Hardware has forgotten all that was tagged with it. */
    public final synchronized void free(int id) {
        taken.clear(id);
    }
}
