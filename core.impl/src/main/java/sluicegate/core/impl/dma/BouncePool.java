package sluicegate.core.impl.dma;

import sluicegate.api.dma.DmaDirection;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.iova.IovaAllocator;

/**
 * Memory of a machine through which the contents of buffers go that a device can't or must not reach itself ({@code
 * kernel/dma/swiotlb.c}): a buffer gets slots, its contents are copied to them and back. Thread-safe.
 */
final class BouncePool {
    /** Bytes of a slot ({@code IO_TLB_SIZE}). */
    static final long SLOT = 2048;
    /** The longest buffer: 128 slots ({@code IO_TLB_SEGSIZE}). */
    static final long MAX = 128 * SLOT;
    private static final long LARGEST = 4 << 20;
    private static final int CHUNK = 4096;
    private static final byte[] ZEROS = new byte[CHUNK];

    private final Machine machine;
    private final PhysicalMemory memory;
    private final long base;
    private final long size;
    private final IovaAllocator slots;
    /** By slot: where the contents of its first byte belong; and by first slot, how long the buffer is. */
    private final long[] original;
    private final long[] length;
    private final byte[] chunk = new byte[CHUNK];

    /** @throws IommuException ENOMEM if the machine has no memory to spare */
    BouncePool(Machine machine) {
        this.machine = machine;
        this.memory = machine.memory();
        long wanted = LARGEST;
        long got = 0;
        while (got == 0) {
            try {
                got = machine.allocate(wanted);
            } catch (IommuException e) {
                if (wanted == MAX) {
                    throw new IommuException(Errno.ENOMEM, "Machine " + machine.name() + " has no memory left for bounce buffers", e);
                }
                wanted /= 2;
            }
        }
        base = got;
        size = wanted;
        slots = new IovaAllocator("The bounce buffers of machine " + machine.name(), SLOT, base, base + size - 1);
        original = new long[(int) (size / SLOT)];
        length = new long[(int) (size / SLOT)];
    }

    /** The last address of the pool: what a device must be able to name. */
    long end() {
        return base + size - 1;
    }

    boolean contains(long address) {
        return Long.compareUnsigned(address - base, size) < 0;
    }

    /**
     * Takes slots for a buffer, copies it there, and clears what of the granules around it the device will reach, too.
     *
     * @param granule the slots begin at a multiple of it, and are nobody else's up to the next one
     * @return the address of the copy
     * @throws IommuException EINVAL if the buffer is too long; ENOMEM if no slots are free; EFAULT if it is no memory
     */
    long take(long address, long bytes, long granule, boolean copy) {
        if (Long.compareUnsigned(bytes, MAX) > 0) {
            throw IommuException.of(Errno.EINVAL, "%s is too long to be bounced: at most %s bytes are; map it in parts",
                    Hex.range(address, bytes), Hex.of(MAX));
        }
        long room = bytes + granule - 1 & -granule;
        if (!memory.contains(address, bytes)) {
            throw IommuException.of(Errno.EFAULT, "%s is not memory, so it can't be bounced", Hex.range(address, bytes));
        }
        long at = slots.tryAllocate(room, -1L);
        if (at == IovaAllocator.NONE) {
            slots.flush();
            at = slots.tryAllocate(room, -1L);
        }
        if (at == IovaAllocator.NONE) {
            throw IommuException.of(Errno.ENOMEM, "All bounce buffers of machine %s are in use (%s bytes): unmap something",
                    machine.name(), Hex.of(size));
        }
        int first = (int) ((at - base) / SLOT);
        for (int i = 0; i * SLOT < bytes; i++) {
            original[first + i] = address + i * SLOT;
        }
        length[first] = bytes;
        if (copy) {
            copy(address, at, bytes);
            clear(at + bytes, room - bytes);
        } else {
            clear(at, room);
        }
        return at;
    }

    /** Gives slots back. */
    void give(long at, long granule) {
        int first = (int) ((at - base) / SLOT);
        long bytes = length[first];
        length[first] = 0;
        slots.free(at, bytes + granule - 1 & -granule);
    }

    /** Copies a part of a buffer back to where it belongs, if the device may have written to it. */
    void toOriginal(long at, long bytes, DmaDirection direction) {
        if (direction != DmaDirection.TO_DEVICE) {
            copy(at, originalOf(at), bytes);
        }
    }

    /** Copies a part of a buffer to where the device finds it. */
    void toCopy(long at, long bytes, DmaDirection direction) {
        if (direction != DmaDirection.FROM_DEVICE) {
            copy(originalOf(at), at, bytes);
        }
    }

    private long originalOf(long at) {
        long offset = at - base;
        return original[(int) (offset / SLOT)] + offset % SLOT;
    }

    private void copy(long from, long to, long bytes) {
        synchronized (chunk) {
            for (long done = 0; done < bytes; done += CHUNK) {
                int part = (int) Math.min(CHUNK, bytes - done);
                memory.read(from + done, chunk, 0, part);
                memory.write(to + done, chunk, 0, part);
            }
        }
    }

    private void clear(long at, long bytes) {
        for (long done = 0; done < bytes; done += CHUNK) {
            memory.write(at + done, ZEROS, 0, (int) Math.min(CHUNK, bytes - done));
        }
    }

    /** Gives the memory back to the machine. */
    void close() {
        machine.free(base);
    }
}
