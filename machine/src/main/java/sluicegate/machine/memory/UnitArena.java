package sluicegate.machine.memory;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * The memory of one unit for tables and queues. Single pages, by far the most frequent, come from a stock of the unit's own
 * that is filled from the machine a run at a time. Thread-safe.
 */
public final class UnitArena implements MemoryArena {
    private static final int STOCK_RUN = 64;
    private static final int STOCK_LIMIT = 4 * STOCK_RUN;

    private final String unit;
    private final MachineMemory memory;
    private final PageAllocator pages;
    private final Map<Long, Long> allocated = new HashMap<>();
    private final ArrayDeque<Long> stock = new ArrayDeque<>();
    private long allocatedBytes;

    /** @param unit its unit's name, for messages */
    public UnitArena(String unit, MachineMemory memory, PageAllocator pages) {
        this.unit = unit;
        this.memory = memory;
        this.pages = pages;
    }

    @Override
    public synchronized long allocate(long size) {
        long rounded = rounded(size);
        long address = rounded == PAGE_SIZE ? takePage() : pages.take(rounded, rounded);
        memory.clear(address, rounded);
        allocated.put(address, rounded);
        allocatedBytes += rounded;
        return address;
    }

    @Override
    public synchronized void free(long address, long size) {
        long rounded = rounded(size);
        var found = allocated.get(address);
        if (found == null || found != rounded) {
            throw IommuException.of(Errno.EINVAL, "The arena of %s has no allocation of %s bytes at %s%s", unit,
                    Hex.of(rounded), Hex.of(address), found == null ? "" : "; the one there has " + Hex.of(found));
        }
        allocated.remove(address);
        allocatedBytes -= rounded;
        if (rounded == PAGE_SIZE && stock.size() < STOCK_LIMIT) {
            stock.push(address);
        } else {
            pages.give(address, rounded);
        }
    }

    @Override
    public synchronized boolean holds(long address) {
        return allocated.containsKey(address);
    }

    @Override
    public synchronized long allocatedBytes() {
        return allocatedBytes;
    }

    private long takePage() {
        if (stock.isEmpty()) {
            fillStock();
        }
        return stock.pop();
    }

    private void fillStock() {
        try {
            long run = pages.take(STOCK_RUN * PAGE_SIZE, PAGE_SIZE);
            for (int i = STOCK_RUN - 1; i >= 0; i--) {
                stock.push(run + (long) i * PAGE_SIZE);
            }
        } catch (IommuException noRun) {
            // Memory is nearly full or in pieces: the page that is asked for may still be there.
            stock.push(pages.take(PAGE_SIZE, PAGE_SIZE));
        }
    }

    private long rounded(long size) {
        if (size <= 0 || size > 1L << 40) {
            throw IommuException.of(Errno.EINVAL, "The arena of %s can't handle a block of %d bytes", unit, size);
        }
        return Math.max(PAGE_SIZE, size == 1 ? 1 : Long.highestOneBit(size - 1) << 1);
    }
}
