package sluicegate.sim.vtd;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.vtd.PageRequestDescriptor;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;
import sluicegate.spec.vtd.PageRequestQueueHeadRegister;
import sluicegate.spec.vtd.PageRequestQueueTailRegister;
import sluicegate.spec.vtd.PageRequestStatusRegister;

/**
 * The page request queue (VT-d 7.4.1 and 7.5): PQA_REG, PQH_REG, PQT_REG, PRS_REG and the page request event. Page requests on
 * their way to software; with one entry free it is full, which stops it until software clears PRO.
 *
 * <p>Thread-safe with a lock of its own, under which nothing waits.
 */
final class PageRequestQueue {
    private static final long PRO = PageRequestStatusRegister.PRO.mask();
    private static final long PPR = PageRequestStatusRegister.PPR.mask();
    private static final long ADDRESS_RESERVED = PageRequestQueueAddressRegister.LAYOUT.reservedMask(0);
    private static final int PAGE = 4096;

    private final PhysicalMemory memory;
    private final EventInterrupt event;
    private volatile long address;
    private volatile long head;
    private volatile long tail;
    private volatile long status;

    /** What became of a request. */
    enum Outcome {
        /** Software will find it. */
        ACCEPTED,
        /** There was no room, now or since software cleared PRO. */
        OVERFLOW,
        /** There is no memory at its place, or the tail lies outside the queue. */
        UNWRITABLE
    }

    PageRequestQueue(PhysicalMemory memory, InterruptController interrupts) {
        this.memory = memory;
        this.event = new EventInterrupt(interrupts, this);
    }

    EventInterrupt event() {
        return event;
    }

    /** PQA_REG. */
    long address() {
        return address;
    }

    /** PQH_REG. */
    long head() {
        return head;
    }

    /** PQT_REG. */
    long tail() {
        return tail;
    }

    /** PRS_REG. */
    long status() {
        return status;
    }

    synchronized void writeAddress(long value, long mask) {
        address = (address & ~mask | value) & ~ADDRESS_RESERVED;
    }

    synchronized void writeHead(long value, long mask) {
        head = PageRequestQueueHeadRegister.PQH.inPlace(head & ~mask | value);
    }

    /** Software sets it to zero before it lets devices ask for pages. */
    synchronized void writeTail(long value, long mask) {
        tail = PageRequestQueueTailRegister.PQT.inPlace(tail & ~mask | value);
    }

    /** Both bits are cleared by writing one. */
    synchronized void writeStatus(long value) {
        status &= ~value;
        if (status == 0) {
            event.clearPending();
        }
    }

    synchronized Outcome add(PageRequest request) {
        if ((status & PRO) != 0) {
            return Outcome.OVERFLOW;
        }
        long at = tail;
        long size = (long) PAGE << PageRequestQueueAddressRegister.PQS.get(address);
        long next = at + PageRequestDescriptor.BYTES == size ? 0 : at + PageRequestDescriptor.BYTES;
        if (next == head) {
            raise(PRO);
            return Outcome.OVERFLOW;
        }
        long place = PageRequestQueueAddressRegister.PQA.inPlace(address) + at;
        if (at >= size || !memory.contains(place, PageRequestDescriptor.BYTES)) {
            return Outcome.UNWRITABLE;
        }
        memory.set64(place + 24, 0);
        memory.set64(place + 16, 0);
        memory.set64(place + 8, request.high());
        memory.set64Release(place, request.low());
        // What a read of PQT_REG tells of is in memory.
        tail = next;
        raise(PPR);
        return Outcome.ACCEPTED;
    }

    /** While a condition is pending, a further one makes no interrupt (VT-d 7.5). */
    private void raise(long bit) {
        long old = status;
        status = old | bit;
        if (old == 0) {
            event.trigger();
        }
    }
}
