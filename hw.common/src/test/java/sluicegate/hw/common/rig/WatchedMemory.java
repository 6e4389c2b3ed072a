package sluicegate.hw.common.rig;

import java.util.function.LongConsumer;
import sluicegate.api.platform.PhysicalMemory;

/** Memory that tells of every word the driver writes, after it was written. */
public class WatchedMemory extends MemoryFilter {
    private LongConsumer written = address -> {};

    public WatchedMemory(PhysicalMemory real) {
        super(real);
    }

    public void watch(LongConsumer listener) {
        written = listener;
    }

    @Override
    public void set64(long address, long value) {
        super.set64(address, value);
        written.accept(address);
    }

    @Override
    public void set64Release(long address, long value) {
        super.set64Release(address, value);
        written.accept(address);
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        boolean done = super.compareAndSet64(address, expected, value);
        written.accept(address);
        return done;
    }

    @Override
    public void set32Release(long address, int value) {
        super.set32Release(address, value);
        written.accept(address);
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        super.write(address, source, offset, length);
        written.accept(address);
    }
}
