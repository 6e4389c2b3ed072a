package sluicegate.examples.tinyvtd;

import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * Page tables of four levels with pages of 4 KiB (section 3.7). Several threads may map and unmap where they do not meet. Tables stay
 * until all of them go, so unmapping leaves nothing but translations to be forgotten.
 */
final class SecondStage {
    static final int PAGE = MemoryArena.PAGE_SIZE;
    private static final int LEVELS = 4;
    private static final int LEVEL_BITS = 9;
    private static final int ENTRIES = 1 << LEVEL_BITS;

    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final long top;

    /** @throws IommuException ENOMEM */
    SecondStage(PhysicalMemory memory, MemoryArena arena) {
        this.memory = memory;
        this.arena = arena;
        this.top = arena.allocate(PAGE);
    }

    long top() {
        return top;
    }

    /** Maps one page. @throws IommuException ENOMEM; EEXIST */
    void map(long iova, long address, int prot) {
        long slot = slot(iova, true);
        long leaf = SecondStageEntry.ADDR.setInPlace(0, address)
                | ((prot & Prot.READ) != 0 ? SecondStageEntry.R.mask() : 0)
                | ((prot & Prot.WRITE) != 0 ? SecondStageEntry.W.mask() : 0);
        if (!memory.compareAndSet64(slot, 0, leaf)) {
            throw IommuException.of(Errno.EEXIST, "IOVA %s is mapped already; unmap it first", Hex.of(iova));
        }
    }

    /** Unmaps one page; returns whether it was mapped. */
    boolean unmap(long iova) {
        long slot = slot(iova, false);
        if (slot == 0 || memory.get64(slot) == 0) {
            return false;
        }
        memory.set64Release(slot, 0);
        return true;
    }

    /** The entry of a page, 0 if it is not mapped. */
    long leaf(long iova) {
        long slot = slot(iova, false);
        return slot == 0 ? 0 : memory.get64Acquire(slot);
    }

    /** Where the entry of an address is in the table of a level, counted from 1 for the leaves. */
    static long slot(long table, long iova, int level) {
        return table + (iova >>> 12 + LEVEL_BITS * (level - 1) & ENTRIES - 1) * SecondStageEntry.BYTES;
    }

    /** The leaf's place; 0 if a table is missing and is not to be made. */
    private long slot(long iova, boolean make) {
        long table = top;
        for (int level = LEVELS; level > 1; level--) {
            long slot = slot(table, iova, level);
            long entry = memory.get64Acquire(slot);
            if (entry == 0) {
                if (!make) {
                    return 0;
                }
                entry = makeTable(slot);
            }
            table = SecondStageEntry.ADDR.inPlace(entry);
        }
        return slot(table, iova, 1);
    }

    /** Another thread may be making the same one. */
    private long makeTable(long slot) {
        long made = arena.allocate(PAGE);
        if (memory.compareAndSet64(slot, 0, made | SecondStageEntry.RW)) {
            return made;
        }
        arena.free(made, PAGE);
        return memory.get64Acquire(slot);
    }

    /** Gives everything back. Hardware has forgotten it. */
    void free() {
        free(memory, arena, top, LEVELS);
    }

    /** The same for tables of whatever driver, which may have larger pages and other levels. */
    static void free(PhysicalMemory memory, MemoryArena arena, long table, int level) {
        for (int i = 0; level > 1 && i < ENTRIES; i++) {
            long entry = memory.get64(table + (long) i * SecondStageEntry.BYTES);
            if ((entry & SecondStageEntry.RW) != 0 && !SecondStageEntry.PS.isSet(entry)) {
                free(memory, arena, SecondStageEntry.ADDR.inPlace(entry), level - 1);
            }
        }
        arena.free(table, PAGE);
    }
}
