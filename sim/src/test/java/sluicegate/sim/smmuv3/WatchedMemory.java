package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;

/** Memory that fails the test when the unit writes where it may not: anywhere but into what {@link #allow} allows. */
final class WatchedMemory implements PhysicalMemory {
    private static final long AF = Stage1Descriptor.AF.mask();
    private static final long READ_ONLY = (long) Stage1Descriptor.AP_READ_ONLY << Stage1Descriptor.AP.low();
    private static final long S2_WRITE = (long) Stage2Descriptor.S2AP_WRITE << Stage2Descriptor.S2AP.low();

    private final PhysicalMemory memory;
    private Allowed allowed = (address, length) -> false;
    private boolean updates;

    /** Says whether a range may be written. */
    interface Allowed {
        boolean test(long address, int length);
    }

    WatchedMemory(PhysicalMemory memory) {
        this.memory = memory;
    }

    /** @param updates whether flags of descriptors may be set, too */
    void allow(Allowed places, boolean updates) {
        this.allowed = places;
        this.updates = updates;
    }

    private void check(long address, int length) {
        if (!allowed.test(address, length)) {
            throw new AssertionError("the unit wrote " + length + " bytes to " + Hex.of(address));
        }
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        // Access flag and dirty state are all that hardware ever changes in a table, and only in a valid descriptor.
        long changed = expected ^ value;
        boolean accessed = (changed & AF) == 0 || (value & AF) != 0;
        boolean dirtied = (changed & (READ_ONLY | S2_WRITE)) == 0 || Stage1Descriptor.DBM.isSet(expected);
        if (!updates || (changed & ~(AF | READ_ONLY | S2_WRITE)) != 0 || !accessed || !dirtied
                || !Stage1Descriptor.VALID.isSet(expected)) {
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
