package sluicegate.capture;

import java.util.Arrays;
import java.util.List;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.capture.files.MemoryPages;

/** The pages of a capture. What was not captured is not memory. Immutable; reads allocate nothing. */
final class CapturedMemory implements PhysicalMemory {
    private static final int PAGE_SHIFT = 12;
    private static final long OFFSET = MemoryPages.PAGE - 1;

    private final String machine;
    /** Addresses of the pages, ascending as signed numbers once their highest bit is flipped. */
    private final long[] keys;
    private final long[][] pages;

    /** @param captured by ascending address */
    CapturedMemory(String machine, List<MemoryPages.Page> captured) {
        this.machine = machine;
        this.keys = captured.stream().mapToLong(page -> key(page.address())).toArray();
        this.pages = captured.stream().map(MemoryPages.Page::words).toArray(long[][]::new);
    }

    private static long key(long address) {
        return (address & ~OFFSET) ^ Long.MIN_VALUE;
    }

    private int find(long address) {
        return Arrays.binarySearch(keys, key(address));
    }

    int pageCount() {
        return pages.length;
    }

    @Override
    public boolean contains(long address, long length) {
        int index = find(address);
        if (index < 0 || length < 0) {
            return false;
        }
        long end = address + Math.max(1, length) - 1;
        if (Long.compareUnsigned(end, address) < 0) {
            return false;
        }
        // As many pages in a row as there are between the two ends.
        long further = (end >>> PAGE_SHIFT) - (address >>> PAGE_SHIFT);
        return further < pages.length - index && keys[index + (int) further] == key(end);
    }

    @Override
    public long size() {
        return (long) pages.length * MemoryPages.PAGE;
    }

    @Override
    public long get64(long address) {
        return page(address, Long.BYTES)[(int) (address & OFFSET) >>> 3];
    }

    @Override
    public long get64Acquire(long address) {
        return get64(address);
    }

    @Override
    public int get32(long address) {
        return (int) (page(address, Integer.BYTES)[(int) (address & OFFSET) >>> 3] >>> ((address & 4) << 3));
    }

    private long[] page(long address, int bytes) {
        if ((address & bytes - 1) != 0) {
            throw IommuException.of(Errno.EINVAL, "Access of %d bytes at %s of machine %s is misaligned", bytes, Hex.of(address),
                    machine);
        }
        int index = find(address);
        if (index < 0) {
            throw notCaptured(address, bytes);
        }
        return pages[index];
    }

    private IommuException notCaptured(long address, long length) {
        return IommuException.of(Errno.EFAULT, "%s is not in capture %s, which holds %d pages of tables and no data",
                length == 0 ? Hex.of(address) : Hex.range(address, length), machine, pages.length);
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        if (length < 0 || offset < 0 || offset > target.length - length) {
            throw new IndexOutOfBoundsException("no room for " + length + " bytes at " + offset);
        }
        if (!contains(address, length)) {
            throw notCaptured(address, length);
        }
        for (int i = 0; i < length; i++) {
            long at = address + i;
            target[offset + i] = (byte) (pages[find(at)][(int) (at & OFFSET) >>> 3] >>> ((at & 7) << 3));
        }
    }

    @Override
    public void set64(long address, long value) {
        throw refusal();
    }

    @Override
    public void set64Release(long address, long value) {
        throw refusal();
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        throw refusal();
    }

    @Override
    public void set32Release(long address, int value) {
        throw refusal();
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        throw refusal();
    }

    @Override
    public void fill64(long address, long first, long step, int count) {
        throw refusal();
    }

    private IommuException refusal() {
        return ReadOnly.refusal("Memory of machine " + machine);
    }
}
