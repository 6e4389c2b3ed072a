package sluicegate.hw.smmuv3;

import sluicegate.api.driver.FaultSink;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqConsRegister;
import sluicegate.spec.smmuv3.EventqProdRegister;

/**
 * A queue into which hardware writes and from which the driver takes: of events or of page requests (section 3.5). Both have
 * base, producer and consumer registers of the same form. Where hardware had to drop records it toggles OVFLG, and the driver
 * acknowledges by making OVACKFLG the same.
 */
final class ReportQueue {
    /**
     * How many records one run reports, in rounds of the queue. A device that faults without end would otherwise keep the
     * machine's interrupt thread; what comes after that is dropped as an overflow.
     */
    private static final int ROUNDS = 64;
    /** The largest queues that there are (section 6.3.2, SMMU_IDR1). */
    private static final int MAX_BITS = 19;
    private static final int OVERFLOW = (int) EventqProdRegister.OVFLG.mask();

    private final Smmuv3Window window;
    private final PhysicalMemory memory;
    private final FaultSink sink;
    private final Registers registers;
    private final int bits;
    private final long ring;
    private final Taker taker;
    /** Whether an earlier driver has opened it. */
    private final boolean running;
    /** Whether what is there stays there, because it was not taken. */
    private boolean parked;

    /**
     * Its registers.
     *
     * @param base offset of the base register
     * @param producer offset of the producer index
     * @param consumer offset of the consumer index
     * @param enable what switches it on in SMMU_CR0
     * @param recordBytes size of a record
     */
    record Registers(int base, int producer, int consumer, Field enable, int recordBytes) {}

    /** Takes one record. */
    @FunctionalInterface
    interface Taker {
        /**
         * @param report whether to pass it on; if not, it only has to be answered, if it wants an answer
         * @return false to have it stay where it is, with all that is behind it, until {@link #resume}
         */
        boolean take(long address, boolean report);

        /** The records that follow, until this is called again, were in the queue all at once. */
        default void begin() {}
    }

    private ReportQueue(Smmuv3Window window, PhysicalMemory memory, FaultSink sink, Registers registers, Taker taker, int bits,
            long ring, boolean running) {
        this.window = window;
        this.memory = memory;
        this.sink = sink;
        this.registers = registers;
        this.taker = taker;
        this.bits = bits;
        this.ring = ring;
        this.running = running;
    }

    /**
     * The queue that an earlier driver left running, if there is one: it goes on, so that no record is lost. Otherwise a new one, not yet
     * switched on.
     *
     * @throws sluicegate.api.types.IommuException ENOMEM
     */
    static ReportQueue create(Smmuv3Window window, PhysicalMemory memory, MemoryArena arena, FaultSink sink, Registers registers,
            Taker taker, int bits) {
        if (window.isOn(registers.enable())) {
            var left = left(window, memory, sink, registers, taker);
            if (memory.contains(left.ring, left.bytes())) {
                return left;
            }
        }
        return new ReportQueue(window, memory, sink, registers, taker, bits, arena.allocate(bytes(registers, bits)), false);
    }

    /** The queue that the registers tell of, as an earlier driver left it. */
    static ReportQueue left(Smmuv3Window window, PhysicalMemory memory, FaultSink sink, Registers registers, Taker taker) {
        long base = window.read64(registers.base());
        return new ReportQueue(window, memory, sink, registers, taker, (int) Math.min(EventqBaseRegister.LOG2SIZE.get(base), MAX_BITS),
                EventqBaseRegister.ADDR.inPlace(base), true);
    }

    private static long bytes(Registers registers, int bits) {
        return (long) registers.recordBytes() << bits;
    }

    long ring() {
        return ring;
    }

    long bytes() {
        return bytes(registers, bits);
    }

    /** Makes the hardware use it from its beginning; one that runs goes on as it is. */
    void open() {
        if (running) {
            return;
        }
        // What is on already leads nowhere.
        window.switchOff(registers.enable());
        long base = EventqBaseRegister.WA.mask() | EventqBaseRegister.LOG2SIZE.set(0, bits);
        window.write64(registers.base(), EventqBaseRegister.ADDR.setInPlace(base, ring));
        window.write32(registers.producer(), 0);
        window.write32(registers.consumer(), 0);
        window.switchOn(registers.enable());
    }

    /** Tries once more to have records taken that were not. */
    synchronized void resume() {
        if (parked) {
            parked = false;
            drain();
        }
    }

    /** Takes all records that are there, and those that come meanwhile; none if some have to stay. */
    synchronized void drain() {
        if (parked || !memory.contains(ring, bytes())) {
            return;
        }
        long limit = (long) ROUNDS << bits;
        long wrap = (2L << bits) - 1;
        int consumer = window.read32(registers.consumer());
        long taken = 0;
        while (true) {
            int producer = window.read32(registers.producer());
            boolean overflow = ((producer ^ consumer) & OVERFLOW) != 0;
            long read = EventqConsRegister.RD.get(consumer) & wrap;
            long count = EventqProdRegister.WR.get(producer) - read & wrap;
            if (count == 0 && !overflow) {
                break;
            }
            // More than fit in can't be there: the registers are broken, and what they tell is nothing.
            boolean sensible = count <= 1L << bits;
            if (sensible) {
                taker.begin();
                for (long i = 0; i < count; i++) {
                    if (!taker.take(ring + (read + i & (1L << bits) - 1) * registers.recordBytes(), taken++ < limit)) {
                        // What was lost came after this, and is for whoever takes it.
                        window.write32(registers.consumer(), (int) EventqConsRegister.RD.set(consumer, read + i & wrap));
                        parked = true;
                        return;
                    }
                }
            }
            if (overflow || !sensible) {
                // Before hardware takes more: what was lost belongs to what came until now.
                sink.overflow();
            }
            consumer = (int) EventqConsRegister.RD.set(producer & OVERFLOW, read + count & wrap);
            window.write32(registers.consumer(), consumer);
        }
        if (taken > limit) {
            sink.overflow();
        }
    }

    /** Has hardware write here no longer, takes what it has written until then, and gives it back. */
    void stop(MemoryArena arena) {
        window.switchOff(registers.enable());
        drain();
        arena.free(ring, bytes());
    }

    /** Gives it back before it was opened; one that runs goes on. */
    void drop(MemoryArena arena) {
        if (!running) {
            arena.free(ring, bytes());
        }
    }
}
