package sluicegate.hw.amdvi;

import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.IommuException;
import sluicegate.spec.amdvi.Gcr3Entry;

/**
 * The table of PASIDs of one device (section 2.2.6.3, "GCR3 table"): which guest table each has. Lower levels are made as they
 * are needed and stay. Not thread-safe: one change of a device at a time.
 */
final class Gcr3Table {
    private static final int INDEX_BITS = 9;

    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final int levels;
    private final long root;

    /**
     * @param pasidBits width of the PASIDs that it has to hold
     * @throws IommuException ENOMEM
     */
    Gcr3Table(PhysicalMemory memory, MemoryArena arena, int pasidBits) {
        this.memory = memory;
        this.arena = arena;
        this.levels = Math.max(1, (pasidBits + INDEX_BITS - 1) / INDEX_BITS);
        this.root = arena.allocate(MemoryArena.PAGE_SIZE);
    }

    long root() {
        return root;
    }

    int levels() {
        return levels;
    }

    /**
     * Makes requests with the PASID use a guest table, by one store.
     *
     * @throws IommuException ENOMEM
     */
    void set(int pasid, long top) {
        long table = root;
        for (int level = levels - 1; level > 0; level--) {
            long slot = table + (long) Gcr3Entry.index(pasid, level) * Gcr3Entry.BYTES;
            long entry = memory.get64(slot);
            if (!Gcr3Entry.V.isSet(entry)) {
                entry = Gcr3Entry.CR3.setInPlace(Gcr3Entry.V.mask(), arena.allocate(MemoryArena.PAGE_SIZE));
                memory.set64Release(slot, entry);
            }
            table = Gcr3Entry.CR3.inPlace(entry);
        }
        memory.set64Release(table + (long) Gcr3Entry.index(pasid, 0) * Gcr3Entry.BYTES,
                Gcr3Entry.CR3.setInPlace(Gcr3Entry.V.mask(), top));
    }

    /** Makes requests with the PASID fault. The caller has hardware forget what it knows of it. */
    void clear(int pasid) {
        long table = root;
        for (int level = levels - 1; level > 0; level--) {
            long entry = memory.get64(table + (long) Gcr3Entry.index(pasid, level) * Gcr3Entry.BYTES);
            if (!Gcr3Entry.V.isSet(entry)) {
                return;
            }
            table = Gcr3Entry.CR3.inPlace(entry);
        }
        memory.set64Release(table + (long) Gcr3Entry.index(pasid, 0) * Gcr3Entry.BYTES, 0);
    }

    /** Gives all levels back. Hardware has forgotten them. */
    void free() {
        free(root, levels - 1);
    }

    private void free(long table, int level) {
        if (level > 0) {
            for (int i = 0; i < Gcr3Entry.COUNT; i++) {
                long entry = memory.get64(table + (long) i * Gcr3Entry.BYTES);
                if (Gcr3Entry.V.isSet(entry)) {
                    free(Gcr3Entry.CR3.inPlace(entry), level - 1);
                }
            }
        }
        arena.free(table, MemoryArena.PAGE_SIZE);
    }
}
