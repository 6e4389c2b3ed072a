package sluicegate.hw.common.rig;

import java.util.function.LongConsumer;
import sluicegate.api.platform.PhysicalMemory;

/** Memory that tells of every word the driver writes, after it was written. */
public class WatchedMemory implements PhysicalMemory {
    private final PhysicalMemory real;
    private LongConsumer written = address -> {};

    public WatchedMemory(PhysicalMemory real) {
        this.real = real;
    }

    public void watch(LongConsumer listener) {
        written = listener;
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
        written.accept(address);
    }

    @Override
    public long get64Acquire(long address) {
        return real.get64Acquire(address);
    }

    @Override
    public void set64Release(long address, long value) {
        real.set64Release(address, value);
        written.accept(address);
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        boolean done = real.compareAndSet64(address, expected, value);
        written.accept(address);
        return done;
    }

    @Override
    public int get32(long address) {
        return real.get32(address);
    }

    @Override
    public void set32Release(long address, int value) {
        real.set32Release(address, value);
        written.accept(address);
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        real.read(address, target, offset, length);
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        real.write(address, source, offset, length);
        written.accept(address);
    }

    @Override
    public void fill64(long address, long first, long step, int count) {
        for (int i = 0; i < count; i++) {
            set64(address + 8L * i, first + step * i);
        }
    }
}
