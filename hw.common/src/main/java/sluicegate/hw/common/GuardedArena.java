package sluicegate.hw.common;

import java.util.function.LongPredicate;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * The arena of a unit for whoever gives back what an earlier driver left, without the pages that are in use: tables that were left
 * may be broken and point anywhere.
 *
 * @param inUse pages of the new driver, by address
 */
public record GuardedArena(MemoryArena arena, LongPredicate inUse) implements MemoryArena {

    /**
     * Tries to give something back; returns whether it was given back. A table that is not, or not wholly, in the arena is none of a
     * driver's: what is left of it stays.
     */
    public static boolean tryFree(Runnable free) {
        try {
            free.run();
            return true;
        } catch (IommuException notOurs) {
            return false;
        }
    }

    @Override
    public long allocate(long size) {
        return arena.allocate(size);
    }

    @Override
    public void free(long address, long size) {
        if (inUse.test(address)) {
            throw IommuException.of(Errno.EINVAL, "Page %s is in use, although a table that was left points to it", Hex.of(address));
        }
        arena.free(address, size);
    }

    @Override
    public boolean holds(long address) {
        return arena.holds(address);
    }

    @Override
    public long allocatedBytes() {
        return arena.allocatedBytes();
    }
}
