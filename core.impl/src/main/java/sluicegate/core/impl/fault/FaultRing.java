package sluicegate.core.impl.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import sluicegate.api.Fault;

/** The latest faults. Lock-free; a reader sees each fault once and in order, and may miss one that is being overwritten. */
public final class FaultRing {
    private record Entry(long number, Fault fault) {}

    private final AtomicReferenceArray<Entry> slots;
    private final AtomicLong next = new AtomicLong();

    public FaultRing(int capacity) {
        slots = new AtomicReferenceArray<>(capacity);
    }

    public void add(Fault fault) {
        long number = next.getAndIncrement();
        slots.set((int) (number % slots.length()), new Entry(number, fault));
    }

    /** Oldest first. */
    public List<Fault> latest() {
        long end = next.get();
        var faults = new ArrayList<Fault>();
        for (long number = Math.max(0, end - slots.length()); number < end; number++) {
            var entry = slots.get((int) (number % slots.length()));
            if (entry != null && entry.number == number) {
                faults.add(entry.fault);
            }
        }
        return List.copyOf(faults);
    }
}
