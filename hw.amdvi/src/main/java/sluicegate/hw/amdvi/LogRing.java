package sluicegate.hw.amdvi;

import java.util.Optional;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.Field;
import sluicegate.spec.amdvi.EventLogBaseRegister;

/**
 * A log that hardware writes into memory, as far as event log and PPR log are alike (sections 2.5 and 2.6): 512 records of 16
 * bytes, a head pointer that software moves, a tail pointer that hardware moves.
 *
 * <p>The tail may be seen to have moved, and the interrupt to have come, before the record is in memory ({@code
 * iommu_poll_events}, {@code amd_iommu_poll_ppr_log}; erratum 733). So a record counts as written once its type is not zero, and is
 * made zero when it was taken. One that does not come within the time that the driver waits for hardware is skipped.
 */
final class LogRing {
    private static final int LENGTH = 9;
    private static final int ENTRIES = 1 << LENGTH;
    private static final int RECORD = 16;
    private static final long BYTES = (long) ENTRIES * RECORD;
    /** All logs have the type of a record there. */
    static final long TYPE = 0xfL << 60;

    private final AmdviWindow window;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final Layout layout;
    private final long base;

    /**
     * Where the registers of a log are, and the bits that concern it.
     *
     * @param name for messages
     * @param baseRegister offset
     * @param length field of the base register
     * @param head offset
     * @param tail offset
     * @param enable of the control register
     * @param interrupts of the control register
     * @param running of the status register
     * @param overflow of the status register
     */
    record Layout(String name, int baseRegister, Field length, int head, int tail, Field enable, Field interrupts, Field running,
            Field overflow) {}

    /** Takes a record, or says that it is to stay where it is, and all that are behind it. */
    @FunctionalInterface
    interface Reader {
        boolean take(long low, long high);
    }

    /** @throws sluicegate.api.types.IommuException ENOMEM */
    LogRing(AmdviWindow window, PhysicalMemory memory, MemoryArena arena, Layout layout) {
        this(window, memory, arena, layout, arena.allocate(BYTES));
    }

    private LogRing(AmdviWindow window, PhysicalMemory memory, MemoryArena arena, Layout layout, long base) {
        this.window = window;
        this.memory = memory;
        this.arena = arena;
        this.layout = layout;
        this.base = base;
    }

    /**
     * The ring that an earlier driver of this platform has left running for the next one, if it is as those of this driver are. It goes
     * on running: no record is lost, and those in it are the first to be taken.
     */
    static Optional<LogRing> running(AmdviWindow window, PhysicalMemory memory, MemoryArena arena, Layout layout) {
        long register = window.read64(layout.baseRegister);
        long base = EventLogBaseRegister.EVENTBASE.inPlace(register); // all logs have their address there
        boolean usable = window.isOn(layout.enable) && layout.length.get(register) == LENGTH && memory.contains(base, BYTES);
        return usable ? Optional.of(new LogRing(window, memory, arena, layout, base)) : Optional.empty();
    }

    /** Has hardware write here from now on. */
    void start() {
        window.stop(layout.enable, layout.running);
        window.write64(layout.baseRegister, layout.length.set(base, LENGTH));
        window.write64(layout.head, 0);
        window.write64(layout.tail, 0);
        window.acknowledge(layout.overflow.mask());
        window.startLog(layout.enable, layout.running, layout.overflow);
    }

    void enableInterrupts(boolean enabled) {
        window.control(enabled ? 0 : layout.interrupts.mask(), enabled ? layout.interrupts.mask() : 0);
    }

    /**
     * Takes the records that are there, the oldest first.
     *
     * @return how many
     */
    int drain(Reader reader) {
        int head = pointer(layout.head);
        int tail = pointer(layout.tail);
        int taken = 0;
        while (head != tail) {
            long address = base + head;
            if (isWritten(address)) {
                long low = memory.get64(address);
                long high = memory.get64(address + Long.BYTES);
                if (!reader.take(low, high)) {
                    return taken;
                }
                memory.set64(address + Long.BYTES, 0);
                memory.set64Release(address, 0);
            }
            head = head + RECORD & (int) BYTES - 1;
            window.write64(layout.head, head);
            taken++;
        }
        return taken;
    }

    private int pointer(int register) {
        return (int) window.read64(register) & (int) BYTES - RECORD;
    }

    private boolean isWritten(long address) {
        if ((memory.get64Acquire(address) & TYPE) != 0) {
            return true;
        }
        try {
            long begun = window.patience().begin();
            while ((memory.get64Acquire(address) & TYPE) == 0) {
                window.patience().pause(begun, window.unit(), "a record of the " + layout.name + " is not written");
            }
            return true;
        } catch (sluicegate.api.types.IommuException e) {
            return false;
        }
    }

    /** Whether records were lost; hardware writes none until {@link #restart}. */
    boolean overflowed() {
        return window.status(layout.overflow);
    }

    /** After an overflow, when all records were taken ({@code amd_iommu_restart_log}). */
    void restart() {
        window.stop(layout.enable, layout.running);
        window.acknowledge(layout.overflow.mask());
        window.control(0, layout.enable.mask());
    }

    boolean uses(long page) {
        return page >= base && page < base + BYTES;
    }

    /** Hardware writes here no longer; what it has written can still be taken. */
    void halt() {
        window.stop(layout.enable, layout.running);
        window.acknowledge(layout.overflow.mask());
    }

    /** After {@link #halt}. */
    void free() {
        arena.free(base, BYTES);
    }

    /** Hardware writes here no longer, and what it has written is nobody's. */
    void stop() {
        halt();
        free();
    }
}
