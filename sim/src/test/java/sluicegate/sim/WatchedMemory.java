package sluicegate.sim;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;

/** Memory that fails the test when the unit writes where it may not: anywhere but into what {@link #allow} allows. */
public final class WatchedMemory implements PhysicalMemory {
    private final PhysicalMemory memory;
    private Allowed allowed = (address, length) -> false;
    private Update update = (address, expected, value) -> false;

    /** Says whether a range may be written. */
    public interface Allowed {
        boolean test(long address, int length);
    }

    /** Says whether a word may become another: whether hardware changes such flags of a table entry. */
    public interface Update {
        boolean test(long address, long expected, long value);
    }

    public WatchedMemory(PhysicalMemory memory) {
        this.memory = memory;
    }

    /**
     * From now on.
     *
     * @param places what may be written
     * @param updates what may be compared and set
     */
    public void allow(Allowed places, Update updates) {
        this.allowed = places;
        this.update = updates;
    }

    private void check(long address, int length) {
        if (!allowed.test(address, length)) {
            throw new AssertionError("the unit wrote " + length + " bytes to " + Hex.of(address));
        }
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        if (!update.test(address, expected, value)) {
            throw new AssertionError("the unit changed " + Hex.of(expected) + " at " + Hex.of(address) + " to " + Hex.of(value));
        }
        return memory.compareAndSet64(address, expected, value);
    }

    @Override
    public void set64(long address, long value) {
        check(address, 8);
        memory.set64(address, value);
    }

    @Override
    public void set64Release(long address, long value) {
        check(address, 8);
        memory.set64Release(address, value);
    }

    @Override
    public void set32Release(long address, int value) {
        check(address, 4);
        memory.set32Release(address, value);
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        check(address, length);
        memory.write(address, source, offset, length);
    }

    @Override
    public void fill64(long address, long first, long step, int count) {
        check(address, count * 8);
        memory.fill64(address, first, step, count);
    }

    @Override
    public boolean contains(long address, long length) {
        return memory.contains(address, length);
    }

    @Override
    public long size() {
        return memory.size();
    }

    @Override
    public long get64(long address) {
        return memory.get64(address);
    }

    @Override
    public long get64Acquire(long address) {
        return memory.get64Acquire(address);
    }

    @Override
    public int get32(long address) {
        return memory.get32(address);
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        memory.read(address, target, offset, length);
    }
}
