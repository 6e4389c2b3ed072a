package sluicegate.space;

import java.util.concurrent.atomic.AtomicLong;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;

/** Tables of a space come from the machine's memory like its pages. */
final class TableArena implements MemoryArena {
    private final Machine machine;
    private final AtomicLong bytes = new AtomicLong();

    TableArena(Machine machine) {
        this.machine = machine;
    }

    @Override
    public long allocate(long size) {
        long address = machine.allocate(size);
        bytes.addAndGet(size);
        return address;
    }

    @Override
    public void free(long address, long size) {
        machine.free(address);
        bytes.addAndGet(-size);
    }

    @Override
    public long allocatedBytes() {
        return bytes.get();
    }
}
