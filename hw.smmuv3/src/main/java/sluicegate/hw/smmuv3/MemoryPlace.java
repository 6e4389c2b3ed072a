package sluicegate.hw.smmuv3;

import sluicegate.api.platform.PhysicalMemory;

/**
 * An entry in memory.
 *
 * @param address of its first word
 * @param synchroniser makes hardware read it again
 */
record MemoryPlace(PhysicalMemory memory, long address, Runnable synchroniser) implements EntryWriter.Place {
    @Override
    public long load(int word) {
        return memory.get64(address + (long) word * Long.BYTES);
    }

    @Override
    public void store(int word, long value) {
        memory.set64Release(address + (long) word * Long.BYTES, value);
    }

    @Override
    public void sync() {
        synchroniser.run();
    }
}
