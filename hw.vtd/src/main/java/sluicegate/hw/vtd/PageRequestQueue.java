package sluicegate.hw.vtd;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.spec.vtd.PageGroupResponseDescriptor;
import sluicegate.spec.vtd.PageRequestDescriptor;
import sluicegate.spec.vtd.PageRequestEventAddressRegister;
import sluicegate.spec.vtd.PageRequestEventControlRegister;
import sluicegate.spec.vtd.PageRequestEventDataRegister;
import sluicegate.spec.vtd.PageRequestEventUpperAddressRegister;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;
import sluicegate.spec.vtd.PageRequestQueueHeadRegister;
import sluicegate.spec.vtd.PageRequestQueueTailRegister;
import sluicegate.spec.vtd.PageRequestStatusRegister;

/**
 * The page request queue (section 7.4; the kernel's {@code prq_event_thread}): takes devices' requests for pages and hands them on.
 * What makes no sense is answered as invalid if an answer is due, that is for the last of a group: an address that is not
 * canonical, supervisor privilege, execute permission, a device that is none of ours or can't ask. A last request that asks for nothing is a stop
 * marker, which nobody waits for.
 *
 * <p>When the queue was full, hardware has answered what did not fit; it goes on when the queue is empty and the overflow is cleared.
 *
 * <p>Thread-safe. What is taken is handed on, or refused, before {@link #drain} returns.
 */
final class PageRequestQueue {
    private static final Logger LOG = LoggerFactory.getLogger(PageRequestQueue.class);
    /** Two to that power pages: 512 requests. */
    private static final int SIZE = 2;
    static final long BYTES = (long) MemoryArena.PAGE_SIZE << SIZE;
    /** As in {@link FaultLog}: devices that ask without end keep nobody longer than so many rounds. */
    private static final int ROUNDS = 64;

    private final VtdWindow window;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final FaultSink sink;
    private final ScalableInvalidator answers;
    private final int addressBits;
    private final long ring;
    private volatile IntPredicate served = sourceId -> false;
    /** Who waits for the queue to be emptied gets his turn, however busy interrupts are with it. */
    private final ReentrantLock turns = new ReentrantLock(true);
    private Interrupts.Vector vector;

    /** @throws IommuException ENOMEM */
    PageRequestQueue(VtdCapabilities capabilities, VtdWindow window, PhysicalMemory memory, MemoryArena arena, FaultSink sink,
            ScalableInvalidator answers) {
        this.window = window;
        this.memory = memory;
        this.arena = arena;
        this.sink = sink;
        this.answers = answers;
        this.addressBits = capabilities.canonicalBits();
        this.ring = arena.allocate(BYTES);
    }

    /** Knows the devices from now on. @param sourceIds those that can ask */
    void serve(IntPredicate sourceIds) {
        served = sourceIds;
    }

    /** Gives the unit the queue and connects its interrupt ({@code intel_iommu_enable_prq}). */
    void open(Interrupts interrupts) {
        mask();
        window.write64(PageRequestQueueHeadRegister.OFFSET, 0);
        window.write64(PageRequestQueueTailRegister.OFFSET, 0);
        window.write64(PageRequestQueueAddressRegister.OFFSET, PageRequestQueueAddressRegister.PQS.set(
                PageRequestQueueAddressRegister.PQA.setInPlace(0, ring), SIZE));
        vector = interrupts.allocate(window.unit() + "-prq", this::drain);
        window.write32(PageRequestEventDataRegister.OFFSET, vector.data());
        window.write32(PageRequestEventAddressRegister.OFFSET, (int) vector.address());
        window.write32(PageRequestEventUpperAddressRegister.OFFSET, (int) (vector.address() >>> 32));
        window.write32(PageRequestEventControlRegister.OFFSET, 0);
        drain();
    }

    /** Disconnects the interrupt. */
    void close() {
        mask();
        if (vector != null) {
            vector.close();
            vector = null;
        }
    }

    /** Takes the queue from the unit and gives it back. No device may ask any more. */
    void stop() {
        close();
        window.write64(PageRequestQueueHeadRegister.OFFSET, 0);
        window.write64(PageRequestQueueTailRegister.OFFSET, 0);
        window.write64(PageRequestQueueAddressRegister.OFFSET, 0);
        arena.free(ring, BYTES);
    }

    private void mask() {
        window.write32(PageRequestEventControlRegister.OFFSET, (int) PageRequestEventControlRegister.IM.mask());
    }

    boolean uses(long page) {
        return page >= ring && page < ring + BYTES;
    }

    /**
     * Takes all that was there when this was called, and lets the unit go on if the queue was full. Returns whether it was. What comes
     * meanwhile is taken too, within bounds, and raises the interrupt if it is not.
     */
    boolean drain() {
        turns.lock();
        try {
            return drainNow();
        } finally {
            turns.unlock();
        }
    }

    private boolean drainNow() {
        boolean lost = false;
        for (int round = 1;; round++) {
            // Before the queue is looked at: what comes after that raises the interrupt anew.
            window.write32(PageRequestStatusRegister.OFFSET, (int) PageRequestStatusRegister.PPR.mask());
            boolean some = take();
            if (!PageRequestStatusRegister.PRO.isSet(window.read32(PageRequestStatusRegister.OFFSET))) {
                if (!some || round >= ROUNDS) {
                    return lost;
                }
            } else if (!some) {
                // Before hardware takes more: what was lost ended groups that were begun until now.
                sink.overflow();
                window.write32(PageRequestStatusRegister.OFFSET, (int) PageRequestStatusRegister.PRO.mask());
                lost = true;
            }
        }
    }

    /** Goes through what is there now; returns whether there was anything. */
    private boolean take() {
        long head = PageRequestQueueHeadRegister.PQH.inPlace(window.read64(PageRequestQueueHeadRegister.OFFSET));
        long tail = PageRequestQueueTailRegister.PQT.inPlace(window.read64(PageRequestQueueTailRegister.OFFSET)) & BYTES - 1;
        if (head == tail) {
            return false;
        }
        sink.pageRequestsRead();
        for (long at = head & BYTES - 1; at != tail; at = at + PageRequestDescriptor.BYTES & BYTES - 1) {
            request(memory.get64Acquire(ring + at), memory.get64(ring + at + Long.BYTES));
        }
        window.write64(PageRequestQueueHeadRegister.OFFSET, tail);
        return true;
    }

    private void request(long low, long high) {
        boolean read = PageRequestDescriptor.RD.isSet(high);
        boolean write = PageRequestDescriptor.WR.isSet(high);
        boolean last = PageRequestDescriptor.LPIG.isSet(high);
        int sourceId = (int) PageRequestDescriptor.SID.get(low);
        if (last && !read && !write) {
            sink.pageRequestKept(sourceId);
            return;
        }
        var request = new PageRequest(sourceId,
                PageRequestDescriptor.PP.isSet(low) ? (int) PageRequestDescriptor.PASID.get(low) : Pasid.NONE,
                PageRequestDescriptor.ADDR.inPlace(high),
                (read ? Prot.READ : 0) | (write ? Prot.WRITE : 0) | Prot.NOEXEC, (int) PageRequestDescriptor.PRGI.get(high), last);
        boolean sensible = PageRequestDescriptor.TYPE.get(low) == PageRequestDescriptor.PAGE_REQUEST
                && !PageRequestDescriptor.PRIV.isSet(low) && !PageRequestDescriptor.EXE.isSet(low) && isCanonical(request.iova())
                && served.test(request.sourceId());
        // What the core does not take is of a device that it is just letting go of: nobody else would ever answer.
        if (sensible && sink.offer(request)) {
            return;
        }
        sink.pageRequestKept(sourceId);
        if (last) {
            refuse(request);
        }
    }

    private boolean isCanonical(long address) {
        int unused = Long.SIZE - addressBits;
        return address << unused >> unused == address;
    }

    private void refuse(PageRequest request) {
        try {
            answers.answer(request.sourceId(), request.pasid(), request.group(), PageGroupResponseDescriptor.INVALID);
        } catch (IommuException e) {
            LOG.warn("{}: a page request of source {} could not be answered: {}", window.unit(),
                    String.format("%04x", request.sourceId()), e.getMessage());
        }
    }
}
