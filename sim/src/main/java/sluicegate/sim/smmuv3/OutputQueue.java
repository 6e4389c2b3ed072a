package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqConsRegister;
import sluicegate.spec.smmuv3.EventqProdRegister;

/**
 * A queue that the unit fills and software empties (3.5): base, producer and consumer registers, which the event queue and
 * the PRI queue have in the same form.
 *
 * <p>Not thread-safe by itself: its owner's lock guards everything but the reads of registers.
 */
final class OutputQueue {
    private static final long INDEX = EventqProdRegister.WR.mask();
    private static final long FLAG = EventqProdRegister.OVFLG.mask();
    private static final long BASE_BITS = ~EventqBaseRegister.LAYOUT.reservedMask(0);

    private final PhysicalMemory memory;
    private final Object lock;
    private final int recordBytes;
    private final int maxBits;
    private volatile long base;
    private volatile long producer;
    private volatile long consumer;
    private volatile boolean enabled;

    OutputQueue(PhysicalMemory memory, Object lock, int recordBytes, int maxBits) {
        this.memory = memory;
        this.lock = lock;
        this.recordBytes = recordBytes;
        this.maxBits = maxBits;
    }

    boolean enabled() {
        return enabled;
    }

    void enable(boolean on) {
        enabled = on;
    }

    private int bits() {
        return (int) Math.min(EventqBaseRegister.LOG2SIZE.get(base), maxBits);
    }

    /** The index with the wrap flag, as far as the queue's size has bits for it. */
    private long index(long register) {
        return register & (1L << bits() + 1) - 1;
    }

    boolean isEmpty() {
        return index(producer) == index(consumer);
    }

    /** Also where software has written indices that make no sense. */
    boolean isFull() {
        return (index(producer) - index(consumer) & (1L << bits() + 1) - 1) >= 1L << bits();
    }

    boolean overflows() {
        return ((producer ^ consumer) & FLAG) != 0;
    }

    /** Marks that something was lost, unless that is marked already. */
    void overflow() {
        if (!overflows()) {
            producer ^= FLAG;
        }
    }

    /** Where the next record goes; negative if there is no memory. */
    long slot() {
        return slotAt(index(producer));
    }

    private long slotAt(long index) {
        long bytes = (long) recordBytes << bits();
        long start = EventqBaseRegister.ADDR.inPlace(base) & -Math.max(bytes, 32);
        long slot = start + (index & (1L << bits()) - 1) * recordBytes;
        return memory.contains(slot, recordBytes) ? slot : -1;
    }

    /** Where the record before the next one is, if software has not taken it; negative otherwise. */
    long lastSlot() {
        return isEmpty() ? -1 : slotAt(index(producer) - 1 & (1L << bits() + 1) - 1);
    }

    /** The record at {@link #slot} is there. */
    void advance() {
        producer = producer & FLAG | index(producer) + 1 & (1L << bits() + 1) - 1;
    }

    long base() {
        return base;
    }

    long producer() {
        return producer;
    }

    long consumer() {
        return consumer;
    }

    Writer baseWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                if (!enabled) {
                    base = (base & ~mask | value) & BASE_BITS;
                }
            }
        };
    }

    Writer producerWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                if (!enabled) {
                    producer = value & (INDEX | FLAG);
                }
            }
        };
    }

    Writer consumerWriter() {
        return (value, mask) -> {
            synchronized (lock) {
                consumer = value & (EventqConsRegister.RD.mask() | EventqConsRegister.OVACKFLG.mask());
            }
        };
    }
}
