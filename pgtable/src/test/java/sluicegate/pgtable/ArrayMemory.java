package sluicegate.pgtable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** The least that is memory: one array from a base address on. */
final class ArrayMemory implements PhysicalMemory {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long base;
    private final long[] words;

    ArrayMemory(long base, long size) {
        this.base = base;
        this.words = new long[(int) (size >>> 3)];
    }

    private int index(long address) {
        long offset = address - base;
        if ((offset & 7) != 0 || offset < 0 || offset >>> 3 >= words.length) {
            throw noWord(address);
        }
        return (int) (offset >>> 3);
    }

    private static IommuException noWord(long address) {
        return IommuException.of((address & 7) != 0 ? Errno.EINVAL : Errno.EFAULT, "no word at %s", Hex.of(address));
    }

    @Override
    public boolean contains(long address, long length) {
        return Long.compareUnsigned(address - base, size()) < 0 && Long.compareUnsigned(length, size() - (address - base)) <= 0;
    }

    @Override
    public long size() {
        return (long) words.length << 3;
    }

    @Override
    public long get64(long address) {
        return words[index(address)];
    }

    @Override
    public void set64(long address, long value) {
        words[index(address)] = value;
    }

    @Override
    public long get64Acquire(long address) {
        return (long) WORDS.getAcquire(words, index(address));
    }

    @Override
    public void set64Release(long address, long value) {
        WORDS.setRelease(words, index(address), value);
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        return WORDS.compareAndSet(words, index(address), expected, value);
    }

    @Override
    public int get32(long address) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void set32Release(long address, int value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void fill64(long address, long first, long step, int count) {
        int from = index(address);
        index(address + ((long) count - 1 << 3));
        VarHandle.releaseFence();
        long value = first;
        for (int i = 0; i < count; i++) {
            words[from + i] = value;
            value += step;
        }
    }
}
