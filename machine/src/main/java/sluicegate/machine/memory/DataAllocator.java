package sluicegate.machine.memory;

import java.util.HashMap;
import java.util.Map;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** Memory for data, apart from units' arenas: what {@code Machine.allocate} and {@code free} do. Thread-safe. */
public final class DataAllocator {
    private static final long MAX_ALIGNMENT = 1 << 30;

    private final MachineMemory memory;
    private final PageAllocator pages;
    private final Map<Long, Long> sizes = new HashMap<>();

    public DataAllocator(MachineMemory memory, PageAllocator pages) {
        this.memory = memory;
        this.pages = pages;
    }

    /**
     * Allocates zeroed memory.
     *
     * @param size in bytes, rounded up to whole pages; the address is aligned to the largest power of two that is not above
     *     the rounded size, at most 1 GiB
     * @throws IommuException EINVAL for a size of zero or less, ENOMEM
     */
    public synchronized long allocate(long size) {
        if (size <= 0) {
            throw IommuException.of(Errno.EINVAL, "An allocation of %d bytes is none: give at least 1", size);
        }
        if (size > memory.size()) {
            throw IommuException.of(Errno.ENOMEM, "%s bytes are more than the machine's %s bytes of memory",
                    Hex.of(size), Hex.of(memory.size()));
        }
        long rounded = size + PageAllocator.PAGE - 1 & -PageAllocator.PAGE;
        long address = pages.take(rounded, Math.min(Long.highestOneBit(rounded), MAX_ALIGNMENT));
        memory.clear(address, rounded);
        sizes.put(address, rounded);
        return address;
    }

    /** @throws IommuException EINVAL if nothing was allocated at {@code address} */
    public synchronized void free(long address) {
        var size = sizes.remove(address);
        if (size == null) {
            throw IommuException.of(Errno.EINVAL, "Nothing is allocated at %s: give the address that an allocation returned",
                    Hex.of(address));
        }
        pages.give(address, size);
    }
}
