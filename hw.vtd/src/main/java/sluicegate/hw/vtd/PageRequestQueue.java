package sluicegate.hw.vtd;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.spec.vtd.PageGroupResponseDescriptor;
import sluicegate.spec.vtd.PageRequestDescriptor;
import sluicegate.spec.vtd.PageRequestEventAddressRegister;
import sluicegate.spec.vtd.PageRequestEventControlRegister;
import sluicegate.spec.vtd.PageRequestEventDataRegister;
import sluicegate.spec.vtd.PageRequestEventUpperAddressRegister;
import sluicegate.spec.vtd.PageRequestStatusRegister;

/**
 * The page request queue (section 7.4; the kernel's {@code prq_event_thread}): takes devices' requests for pages and hands them on.
 * What makes no sense is answered as invalid if an answer is due, that is for the last of a group: an address that is not
 * canonical, supervisor privilege, execute permission, a device that is none of ours or can't ask. A last request that asks for nothing is a stop
 * marker, which nobody waits for.
 *
 * <p>A unit that goes on translating while drivers change goes on writing its queue too: what comes meanwhile waits there for the next
 * driver, and so does what the core does not take, because it has let go of a device whose driver is about to leave.
 *
 * <p>When the queue was full, hardware has answered what did not fit; it goes on when the queue is empty and the overflow is cleared.
 *
 * <p>Thread-safe. What is taken is handed on, or refused, before {@link #drain} returns.
 */
final class PageRequestQueue {
    private static final Logger LOG = LoggerFactory.getLogger(PageRequestQueue.class);
    /** As in {@link FaultLog}: devices that ask without end keep nobody longer than so many rounds. */
    private static final int ROUNDS = 64;

    private final VtdWindow window;
    private final PageRequestRing ring;
    private final FaultSink sink;
    private final ScalableInvalidator answers;
    private final int addressBits;
    private volatile IntPredicate served = sourceId -> false;
    /** Who waits for the queue to be emptied gets his turn, however busy interrupts are with it. */
    private final ReentrantLock turns = new ReentrantLock(true);
    private boolean waiting;
    private Interrupts.Vector vector;

    /** @param waiting whether what is in the ring stays there until {@link #begin} */
    PageRequestQueue(VtdCapabilities capabilities, VtdWindow window, PageRequestRing ring, FaultSink sink, ScalableInvalidator answers,
            boolean waiting) {
        this.window = window;
        this.ring = ring;
        this.sink = sink;
        this.answers = answers;
        this.addressBits = capabilities.canonicalBits();
        this.waiting = waiting;
    }

    boolean uses(long page) {
        return ring.uses(page);
    }

    /** Knows the devices from now on. @param sourceIds those that can ask */
    void serve(IntPredicate sourceIds) {
        served = sourceIds;
    }

    /** Gives the unit the queue, unless it has it, and connects its interrupt ({@code intel_iommu_enable_prq}). */
    void open(Interrupts interrupts) {
        mask();
        ring.start();
        vector = interrupts.allocate(window.unit() + "-prq", this::drain);
        window.write32(PageRequestEventDataRegister.OFFSET, vector.data());
        window.write32(PageRequestEventAddressRegister.OFFSET, (int) vector.address());
        window.write32(PageRequestEventUpperAddressRegister.OFFSET, (int) (vector.address() >>> 32));
        window.write32(PageRequestEventControlRegister.OFFSET, 0);
        drain();
    }

    /** Those who serve requests are there: takes what has waited for them, and from now on all that comes. */
    void begin() {
        turns.lock();
        try {
            waiting = false;
            drainNow();
        } finally {
            turns.unlock();
        }
    }

    /** Disconnects the interrupt. */
    void close() {
        mask();
        if (vector != null) {
            vector.close();
            vector = null;
        }
    }

    /** From now on what is in the queue and what comes waits for the next driver. */
    void leave() {
        turns.lock();
        try {
            waiting = true;
        } finally {
            turns.unlock();
        }
        close();
    }

    /** Answers all that is there and all that comes, as invalid. */
    void refuseAll() {
        served = sourceId -> false;
        begin();
    }

    /**
     * Takes what is in the queue, takes that from the unit and gives it back. No device may ask any more, and no entry lets what is on
     * its way get here.
     *
     * @param inUse other pages of the driver's
     */
    void stop(LongPredicate inUse) {
        close();
        drain();
        ring.stop(inUse);
    }

    private void mask() {
        window.write32(PageRequestEventControlRegister.OFFSET, (int) PageRequestEventControlRegister.IM.mask());
    }

    /**
     * Takes all that was there when this was called, and lets the unit go on if the queue was full. Returns whether it was. What comes
     * meanwhile is taken too, within bounds, and raises the interrupt if it is not. Nothing is taken while all waits for {@link #begin}, and
     * nothing behind a request that is to stay where it is.
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
        for (int round = 1; !waiting; round++) {
            // Before the queue is looked at: what comes after that raises the interrupt anew.
            window.write32(PageRequestStatusRegister.OFFSET, (int) PageRequestStatusRegister.PPR.mask());
            var found = ring.drain(sink::pageRequestsRead, this::take);
            if (found == PageRequestRing.Found.STAYS) {
                return lost;
            }
            if (!PageRequestStatusRegister.PRO.isSet(window.read32(PageRequestStatusRegister.OFFSET))) {
                if (found == PageRequestRing.Found.NONE || round >= ROUNDS) {
                    return lost;
                }
            } else if (found == PageRequestRing.Found.NONE) {
                // Before hardware takes more: what was lost ended groups that were begun until now.
                sink.overflow();
                window.write32(PageRequestStatusRegister.OFFSET, (int) PageRequestStatusRegister.PRO.mask());
                lost = true;
            }
        }
        return lost;
    }

    private boolean take(long low, long high) {
        boolean read = PageRequestDescriptor.RD.isSet(high);
        boolean write = PageRequestDescriptor.WR.isSet(high);
        boolean last = PageRequestDescriptor.LPIG.isSet(high);
        int sourceId = (int) PageRequestDescriptor.SID.get(low);
        if (last && !read && !write) {
            sink.pageRequestKept(sourceId);
            return true;
        }
        var request = new PageRequest(sourceId,
                PageRequestDescriptor.PP.isSet(low) ? (int) PageRequestDescriptor.PASID.get(low) : Pasid.NONE,
                PageRequestDescriptor.ADDR.inPlace(high),
                (read ? Prot.READ : 0) | (write ? Prot.WRITE : 0) | Prot.NOEXEC, (int) PageRequestDescriptor.PRGI.get(high), last);
        boolean sensible = PageRequestDescriptor.TYPE.get(low) == PageRequestDescriptor.PAGE_REQUEST
                && !PageRequestDescriptor.PRIV.isSet(low) && !PageRequestDescriptor.EXE.isSet(low) && isCanonical(request.iova())
                && served.test(request.sourceId());
        if (sensible) {
            // What the core does not take is of a device that it is just letting go of. Either this driver is to release that, and
            // knows it no longer when the queue is drained then, or it leaves, and the next one takes the request.
            return sink.offer(request);
        }
        sink.pageRequestKept(sourceId);
        if (last) {
            refuse(request);
        }
        return true;
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
