package sluicegate.hw.vtd;

import java.util.Optional;
import java.util.function.LongPredicate;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.GuardedArena;
import sluicegate.spec.vtd.PageRequestDescriptor;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;
import sluicegate.spec.vtd.PageRequestQueueHeadRegister;
import sluicegate.spec.vtd.PageRequestQueueTailRegister;

/**
 * The ring in memory that the page request queue is (section 7.4.1): hardware writes descriptors and moves the tail, software reads them
 * and moves the head. Either one of this driver's, or one that an earlier driver left.
 */
final class PageRequestRing {
    /** Two to that power pages: 512 requests. */
    private static final int SIZE = 2;
    static final long BYTES = (long) MemoryArena.PAGE_SIZE << SIZE;

    private final VtdWindow window;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final long base;
    private final long bytes;
    private final boolean left;
    /** Whether the unit has it. */
    private boolean given;

    /** What {@link #drain} met. */
    enum Found {
        NONE,
        SOME,
        /** A descriptor that is to stay, at the head of the queue now. */
        STAYS
    }

    /** Takes a descriptor, or says that it is to stay where it is, and all that are behind it. */
    @FunctionalInterface
    interface Reader {
        boolean take(long low, long high);
    }

    private PageRequestRing(VtdWindow window, PhysicalMemory memory, MemoryArena arena, long base, long bytes, boolean left) {
        this.window = window;
        this.memory = memory;
        this.arena = arena;
        this.base = base;
        this.bytes = bytes;
        this.left = left;
        this.given = left;
    }

    /** @throws IommuException ENOMEM */
    static PageRequestRing make(VtdWindow window, PhysicalMemory memory, MemoryArena arena) {
        return new PageRequestRing(window, memory, arena, arena.allocate(BYTES), BYTES, false);
    }

    /**
     * The ring that the unit has: it goes on writing that while there is no driver. Where it is, PQA_REG tells, because nobody is left to
     * ask; it may tell anything. Changes nothing.
     */
    static Optional<PageRequestRing> left(VtdWindow window, PhysicalMemory memory, MemoryArena arena) {
        long register = window.read64(PageRequestQueueAddressRegister.OFFSET); // zero where there are no page requests
        long base = PageRequestQueueAddressRegister.PQA.inPlace(register);
        long bytes = (long) MemoryArena.PAGE_SIZE << PageRequestQueueAddressRegister.PQS.get(register);
        return base != 0 && memory.contains(base, bytes) ? Optional.of(new PageRequestRing(window, memory, arena, base, bytes, true))
                : Optional.empty();
    }

    /** Gives it to the unit, which has one that was left already. */
    void start() {
        if (!given) {
            given = true;
            window.write64(PageRequestQueueHeadRegister.OFFSET, 0);
            window.write64(PageRequestQueueTailRegister.OFFSET, 0);
            window.write64(PageRequestQueueAddressRegister.OFFSET, PageRequestQueueAddressRegister.PQS.set(
                    PageRequestQueueAddressRegister.PQA.setInPlace(0, base), SIZE));
        }
    }

    /**
     * Goes through what is there now, the oldest first.
     *
     * @param begun runs before the first descriptor, if there is one
     */
    Found drain(Runnable begun, Reader reader) {
        long mask = bytes - PageRequestDescriptor.BYTES;
        long head = window.read64(PageRequestQueueHeadRegister.OFFSET) & mask;
        long tail = window.read64(PageRequestQueueTailRegister.OFFSET) & mask;
        if (head == tail) {
            return Found.NONE;
        }
        begun.run();
        boolean taken = true;
        long at = head;
        while (taken && at != tail) {
            taken = reader.take(memory.get64Acquire(base + at), memory.get64(base + at + Long.BYTES));
            at = taken ? at + PageRequestDescriptor.BYTES & mask : at;
        }
        window.write64(PageRequestQueueHeadRegister.OFFSET, at);
        return taken ? Found.SOME : Found.STAYS;
    }

    boolean uses(long page) {
        return page >= base && page < base + bytes;
    }

    /**
     * Takes it from the unit, if that has it, and gives it back. No device may ask any more.
     *
     * @param inUse other pages of the driver's: one that was left is not given back if it is among them, whatever the register told
     */
    void stop(LongPredicate inUse) {
        if (given) {
            window.write64(PageRequestQueueHeadRegister.OFFSET, 0);
            window.write64(PageRequestQueueTailRegister.OFFSET, 0);
            window.write64(PageRequestQueueAddressRegister.OFFSET, 0);
        }
        if (!left) {
            arena.free(base, bytes);
            return;
        }
        for (long page = base; page < base + bytes; page += MemoryArena.PAGE_SIZE) {
            if (inUse.test(page)) {
                return;
            }
        }
        GuardedArena.tryFree(() -> arena.free(base, bytes)); // or it is firmware's, or nobody's
    }
}
