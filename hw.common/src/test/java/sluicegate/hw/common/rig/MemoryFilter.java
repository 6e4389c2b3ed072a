package sluicegate.hw.common.rig;

import sluicegate.api.platform.PhysicalMemory;

/**
 * Memory that can be seen or written differently from what it is. Everything passes unless a test overrides it; a fill is so many
 * {@link #set64}.
 */
public class MemoryFilter implements PhysicalMemory {
    private final PhysicalMemory real;

    public MemoryFilter(PhysicalMemory real) {
        this.real = real;
    }

    @Override
    public boolean contains(long address, long length) {
        return real.contains(address, length);
    }

    @Override
    public long size() {
        return real.size();
    }

    @Override
    public long get64(long address) {
        return real.get64(address);
    }

    @Override
    public void set64(long address, long value) {
        real.set64(address, value);
    }

    @Override
    public long get64Acquire(long address) {
        return real.get64Acquire(address);
    }

    @Override
    public void set64Release(long address, long value) {
        real.set64Release(address, value);
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        return real.compareAndSet64(address, expected, value);
    }

    @Override
    public int get32(long address) {
        return real.get32(address);
    }

    @Override
    public void set32Release(long address, int value) {
        real.set32Release(address, value);
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        real.read(address, target, offset, length);
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        real.write(address, source, offset, length);
    }

    @Override
    public final void fill64(long address, long first, long step, int count) {
        for (int i = 0; i < count; i++) {
            set64(address + (long) Long.BYTES * i, first + step * i);
        }
    }
}
