package sluicegate.hw.common.rig;

import sluicegate.api.platform.MemoryArena;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** An arena in which some allocations fail. */
public final class ScarceArena implements MemoryArena {
    private final MemoryArena real;
    /** How many succeed before those that fail. */
    private long before = Long.MAX_VALUE;
    private long failing;

    public ScarceArena(MemoryArena real) {
        this.real = real;
    }

    /** After {@code count} more allocations one fails. */
    public synchronized void failAfter(long count) {
        before = count;
        failing = 1;
    }

    /** Every allocation fails from now on. */
    public synchronized void failAlways() {
        before = 0;
        failing = Long.MAX_VALUE;
    }

    public synchronized void failNever() {
        before = Long.MAX_VALUE;
    }

    @Override
    public synchronized long allocate(long size) {
        if (before > 0) {
            before--;
            return real.allocate(size);
        }
        failing--;
        before = failing == 0 ? Long.MAX_VALUE : 0;
        throw new IommuException(Errno.ENOMEM, "there is no memory, as the test says");
    }

    @Override
    public void free(long address, long size) {
        real.free(address, size);
    }

    @Override
    public boolean holds(long address) {
        return real.holds(address);
    }

    @Override
    public long allocatedBytes() {
        return real.allocatedBytes();
    }
}
