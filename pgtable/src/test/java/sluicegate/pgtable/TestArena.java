package sluicegate.pgtable;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** An arena that knows every allocation, hands out zeroed blocks and can run out on demand. */
final class TestArena implements MemoryArena {
    private final ArrayMemory memory;
    private final Map<Long, Long> taken = new HashMap<>();
    private final TreeSet<Long> returned = new TreeSet<>();
    private final long limit;
    private long next;
    private long budget = Long.MAX_VALUE;
    private long bytes;

    TestArena(ArrayMemory memory, long base, long size) {
        this.memory = memory;
        this.next = base;
        this.limit = base + size;
    }

    /** From now on only so many bytes can be taken. */
    synchronized void budget(long left) {
        budget = left;
    }

    @Override
    public synchronized long allocate(long size) {
        long block = Math.max(PAGE_SIZE, Long.highestOneBit(size) << (Long.bitCount(size) > 1 ? 1 : 0));
        if (budget < block) {
            throw new IommuException(Errno.ENOMEM, "the test's arena has no memory left");
        }
        long address;
        if (block == PAGE_SIZE && !returned.isEmpty()) {
            address = returned.pollFirst();
        } else {
            address = (next + block - 1) & -block;
            next = address + block;
            if (next > limit) {
                throw new IommuException(Errno.ENOMEM, "the test's memory is too small");
            }
        }
        memory.fill64(address, 0, 0, (int) (block >>> 3));
        taken.put(address, block);
        bytes += block;
        budget -= budget == Long.MAX_VALUE ? 0 : block;
        return address;
    }

    @Override
    public synchronized void free(long address, long size) {
        var block = taken.remove(address);
        if (block == null) {
            throw IommuException.of(Errno.EINVAL, "nothing allocated at %s", Hex.of(address));
        }
        // Whoever still walks through it is to be led astray.
        memory.fill64(address, 0xdead_0000_0000_0001L, 0, (int) (block >>> 3));
        if (block == PAGE_SIZE) {
            returned.add(address);
        }
        bytes -= block;
    }

    @Override
    public synchronized long allocatedBytes() {
        return bytes;
    }
}
