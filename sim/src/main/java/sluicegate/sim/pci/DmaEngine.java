package sluicegate.sim.pci;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.sim.cache.InFlight;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.Arrival;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.unit.UnitModel;
import sluicegate.sim.unit.UnitModel.Refusal;

/**
 * The DMA of one device: from its bus master bits through the unit in front of it into memory, or to the interrupt
 * controller for writes to the interrupt address range. With ATS it asks for translations and keeps them until they are
 * invalidated, as devices do.
 *
 * <p>Thread-safe; allocates nothing unless a request is refused or the device asks for a translation. A request is in flight from before its translation until
 * its access to memory is done, so that an invalidation and the closing of the gate can wait for it.
 */
public final class DmaEngine implements DmaMaster {
    private static final int PAGE = 4096;
    /** What a page request that got no answer ends with, and where a device gives up that is told to try again and again. */
    private static final long PATIENCE_MILLIS = 10_000;
    private static final int TRIES = 2000;
    /** So many times it asks at once; then it waits a little each time, as units tell it to try again while their queues are full. */
    private static final int EAGER_TRIES = 64;
    private static final long PAUSE_NANOS = 1_000_000;
    /** A device with page requests knows that it has no translation. No unit refuses with this. */
    private static final long NOT_GRANTED = Long.MIN_VALUE;

    private final Requester device;
    private final int requesterId;
    private final PhysicalMemory memory;
    private final InterruptController interrupts;
    /** What all requests pass through; without a unit nothing translates, but DMAs in flight are counted just the same. */
    private final InFlight inFlight;
    private final UnitModel unit;
    private volatile Gate gate = Gate.BUS_MASTER_OFF;
    /** What the device knows by ATS; null while that is off. */
    private volatile DeviceTlb deviceTlb;
    private final PageRequester pages = new PageRequester();

    /**
     * What became of the page request groups that a device has closed.
     *
     * @param sent groups that were closed
     * @param succeeded answers with success
     * @param invalid answers that said that the request was invalid
     * @param failed answers that said that page requests fail
     * @param unexpected answers that the device did not wait for
     * @param outstanding groups without an answer
     */
    public record PageRequestTally(long sent, long succeeded, long invalid, long failed, long unexpected, int outstanding) {}

    /** Whether requests leave the device. */
    public enum Gate {
        OPEN,
        BUS_MASTER_OFF,
        /** There should be a unit in front of it and is none; only {@link #GONE} comes after it. */
        CUT_OFF,
        /** The last. */
        GONE
    }

    /** @param arrival where its requests arrive; empty if no unit is in front of it */
    public DmaEngine(Requester device, PhysicalMemory memory, InterruptController interrupts, Optional<Arrival> arrival) {
        this.device = device;
        this.requesterId = arrival.map(Arrival::id).orElse(0);
        this.memory = memory;
        this.interrupts = interrupts;
        this.unit = arrival.map(Arrival::unit).orElse(null);
        this.inFlight = arrival.map(Arrival::unit).map(UnitModel::inFlight).orElseGet(InFlight::new);
    }

    /** Opens or closes the gate. When it was closed, no request of the device is under way on return. */
    public void setGate(Gate state) {
        if (gate == Gate.GONE || gate == state || gate == Gate.CUT_OFF && state != Gate.GONE) {
            return;
        }
        gate = state;
        if (state != Gate.OPEN) {
            inFlight.drain();
        }
    }

    /** Whether the device was taken out, or its machine is off. */
    boolean isGone() {
        return gate == Gate.GONE;
    }

    @Override
    public DmaStatus read(int pasid, long iova, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (pasid == Pasid.NONE && length != 0 && (iova & PAGE - 1) + length <= PAGE) {
            return readPage(pasid, iova, target, offset, length);
        }
        checkRequest(pasid, iova, length);
        if (length == 0) {
            return readNothing(pasid, iova);
        }
        int done = 0;
        var status = DmaStatus.OK;
        while (done < length && status == DmaStatus.OK) {
            int part = part(iova + done, length - done);
            status = readPage(pasid, iova + done, target, offset + done, part);
            done += part;
        }
        return status;
    }

    @Override
    public DmaStatus write(int pasid, long iova, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        if (pasid == Pasid.NONE && length != 0 && (iova & PAGE - 1) + length <= PAGE) {
            return writePage(pasid, iova, source, offset, length);
        }
        checkRequest(pasid, iova, length);
        int done = 0;
        var status = DmaStatus.OK;
        while (done < length && status == DmaStatus.OK) {
            int part = part(iova + done, length - done);
            status = writePage(pasid, iova + done, source, offset + done, part);
            done += part;
        }
        return status;
    }

    private static int part(long iova, int left) {
        return Math.min(left, PAGE - (int) (iova & PAGE - 1));
    }

    private DmaStatus readPage(int pasid, long iova, byte[] target, int offset, int length) {
        for (int tries = TRIES;;) {
            long answer;
            int ticket = inFlight.enter();
            try {
                if (gate != Gate.OPEN) {
                    return closed();
                }
                answer = translate(pasid, iova, RequestAccess.READ, tries);
                if (answer >= 0) {
                    if (InterruptController.isInterruptAddress(answer) || !memory.contains(answer, length)) {
                        return noMemory(answer, pasid, iova, RequestAccess.READ);
                    }
                    memory.read(answer, target, offset, length);
                    return DmaStatus.OK;
                }
            } finally {
                inFlight.exit(ticket);
            }
            if (answer == NOT_GRANTED) {
                tries = askForPage(pasid, iova, RequestAccess.READ, tries);
                continue;
            }
            var refusal = settle(answer);
            if (refusal == Refusal.DISCARDED) {
                Arrays.fill(target, offset, offset + length, (byte) 0);
            }
            if (refusal != Refusal.RETRY) {
                return status(refusal);
            }
        }
    }

    private DmaStatus writePage(int pasid, long iova, byte[] source, int offset, int length) {
        for (int tries = TRIES;;) {
            long answer;
            int ticket = inFlight.enter();
            try {
                if (gate != Gate.OPEN) {
                    return closed();
                }
                answer = translate(pasid, iova, RequestAccess.WRITE, tries);
                if (answer >= 0) {
                    if (InterruptController.isInterruptAddress(answer)) {
                        return message(answer, pasid, source, offset, length);
                    }
                    if (!memory.contains(answer, length)) {
                        return DmaStatus.NO_TARGET;
                    }
                    memory.write(answer, source, offset, length);
                    return DmaStatus.OK;
                }
            } finally {
                inFlight.exit(ticket);
            }
            if (answer == NOT_GRANTED) {
                tries = askForPage(pasid, iova, RequestAccess.WRITE, tries);
                continue;
            }
            var refusal = settle(answer);
            if (refusal != Refusal.RETRY) {
                return status(refusal);
            }
        }
    }

    /** @param tries how often the device may still ask for the page; what it is not granted then it sends untranslated */
    private long translate(int pasid, long iova, int access, int tries) {
        if (unit == null) {
            return iova >>> 52 == 0 ? iova : -1;
        }
        var tlb = deviceTlb;
        return tlb == null || InterruptController.isInterruptAddress(iova)
                ? unit.translate(requesterId, pasid, iova, access)
                : translateInDevice(tlb, pasid, iova, access, tries);
    }

    /**
     * With ATS: by what the device knows or asks for. What it is not granted it asks for by a page request if it may, and else
     * sends untranslated, for the unit to refuse.
     */
    private long translateInDevice(DeviceTlb tlb, int pasid, long iova, int access, int tries) {
        boolean write = access == RequestAccess.WRITE;
        long address = tlb.find(pasid, iova, write);
        if (address == DeviceTlb.NONE) {
            var answer = ask(tlb, pasid, iova, !write);
            if ((answer.prot() & (write ? Prot.WRITE : Prot.READ)) == 0) {
                return tries > 0 && answer.status() == DmaStatus.OK && device.priEnabled() ? NOT_GRANTED
                        : unit.translate(requesterId, pasid, iova, access);
            }
            address = DeviceTlb.address(answer, iova);
        }
        return unit.translated(requesterId, pasid, address, access);
    }

    private AtsCompletion ask(DeviceTlb tlb, int pasid, long iova, boolean noWrite) {
        long since = tlb.since();
        var answer = unit.translationRequest(requesterId, pasid, iova, noWrite);
        tlb.fill(pasid, iova, answer, since);
        return answer;
    }

    /** ATS was switched on or off; the device forgets what it knows when it is off. */
    void setAts(boolean on) {
        if (on != (deviceTlb != null)) {
            deviceTlb = on ? new DeviceTlb() : null;
        }
    }

    /** The unit tells the device to forget translations; see {@link DeviceTlb#invalidate}. */
    void invalidate(int pasid, boolean global, long address, long size) {
        var tlb = deviceTlb;
        if (tlb != null) {
            tlb.invalidate(pasid, global, address, size);
        }
    }

    @Override
    public void requestPage(int pasid, long iova, int prot, int group, boolean last) {
        if (!device.priEnabled()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s %s, so it can't ask for pages", device.name(),
                    device.hasPri() ? "has page requests switched off" : "has no PRI capability");
        }
        if (group < 0 || group >= PageRequester.GROUPS) {
            throw IommuException.of(Errno.EINVAL, "%s: %d is no page request group; there are 0 to %d", device.name(), group,
                    PageRequester.GROUPS - 1);
        }
        checkRequest(pasid, iova, 1);
        if (gate == Gate.OPEN && unit != null) {
            int access = ((prot & Prot.READ) != 0 ? RequestAccess.READ : 0)
                    | ((prot & Prot.WRITE) != 0 ? RequestAccess.WRITE : 0);
            if (last && access != 0) {
                pages.close(group); // anything else is part of a group, or a stop marker, and gets no answer
            }
            unit.requestPage(requesterId, pasid, iova, access, group, last);
        }
    }

    /**
     * Asks for the page of a DMA and waits for the answer; not in flight meanwhile. Returns how often it may still try: success can
     * be a unit's own answer, which has no room for the request, so it does not mean that the page is there.
     */
    private int askForPage(int pasid, long iova, int access, int tries) {
        if (TRIES - tries >= EAGER_TRIES) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return askForPage(pasid, iova, access) ? tries - 1 : 0;
    }

    private boolean askForPage(int pasid, long iova, int access) {
        int group = pages.closeNew(device.pageRequestLimit(), PATIENCE_MILLIS);
        if (group < 0 || gate != Gate.OPEN) {
            return false;
        }
        unit.requestPage(requesterId, pasid, iova & -PAGE, access & (RequestAccess.READ | RequestAccess.WRITE), group, true);
        return pages.await(group, PATIENCE_MILLIS).orElse(-1) == 0;
    }

    /** An answer to a page request arrives. */
    void respond(int pasid, int group, int code) {
        pages.answer(group, code);
    }

    /** How its page requests fared. */
    public PageRequestTally pageRequests() {
        return pages.tally();
    }

    /** Takes the last answer that came for a page request group: a response code (PCI Express 10.4.2); empty if none came. */
    public OptionalInt takePageResponse(int group) {
        return pages.take(group);
    }

    /** A read of no bytes moves nothing, but needs a translation: devices use it to flush their writes. */
    private DmaStatus readNothing(int pasid, long iova) {
        for (int tries = TRIES;;) {
            long answer;
            int ticket = inFlight.enter();
            try {
                if (gate != Gate.OPEN) {
                    return closed();
                }
                answer = translate(pasid, iova, RequestAccess.ZERO_LENGTH_READ, tries);
                if (answer >= 0) {
                    return DmaStatus.OK;
                }
            } finally {
                inFlight.exit(ticket);
            }
            if (answer == NOT_GRANTED) {
                tries = askForPage(pasid, iova, RequestAccess.ZERO_LENGTH_READ, tries);
                continue;
            }
            var refusal = settle(answer);
            if (refusal != Refusal.RETRY) {
                return status(refusal);
            }
        }
    }

    /** What becomes of a request that was refused. It may wait for software, so it is not in flight. */
    private Refusal settle(long answer) {
        return unit == null ? Refusal.NO_TARGET : unit.settle(answer);
    }

    private static DmaStatus status(Refusal refusal) {
        return switch (refusal) {
            case NO_TARGET -> DmaStatus.NO_TARGET;
            case DISCARDED -> DmaStatus.OK;
            default -> DmaStatus.FAULT;
        };
    }

    private DmaStatus closed() {
        return switch (gate) {
            case GONE -> DmaStatus.GONE;
            case CUT_OFF -> DmaStatus.FAULT;
            default -> DmaStatus.BUS_MASTER_OFF;
        };
    }

    private DmaStatus noMemory(long address, int pasid, long iova, int access) {
        return InterruptController.isInterruptAddress(address) ? refuseMessage(pasid, iova, access) : DmaStatus.NO_TARGET;
    }

    /** A write to the interrupt address range is a message of four aligned bytes, or nothing (VT-d 3.14). */
    private DmaStatus message(long address, int pasid, byte[] source, int offset, int length) {
        if (length != 4 || (address & 3) != 0) {
            return refuseMessage(pasid, address, RequestAccess.WRITE);
        }
        int data = 0;
        for (int i = 3; i >= 0; i--) {
            data = data << 8 | source[offset + i] & 0xff;
        }
        if (unit != null) {
            return unit.message(requesterId, address, data, interrupts);
        }
        interrupts.raise(address, data);
        return DmaStatus.OK;
    }

    private DmaStatus refuseMessage(int pasid, long address, int access) {
        return unit == null ? DmaStatus.NO_TARGET : unit.refuseMessage(requesterId, pasid, address, access);
    }

    @Override
    public AtsCompletion translate(int pasid, long iova, boolean noWrite) {
        if (!device.atsEnabled()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s %s, so it can't ask for translations", device.name(),
                    device.hasAts() ? "has ATS switched off" : "has no ATS capability");
        }
        checkRequest(pasid, iova, 1);
        int ticket = inFlight.enter();
        try {
            if (gate != Gate.OPEN) {
                return new AtsCompletion(closed(), 0, 0, 0);
            }
            var tlb = deviceTlb;
            return unit == null || tlb == null
                    ? new AtsCompletion(DmaStatus.FAULT, 0, 0, 0)
                    : ask(tlb, pasid, iova, noWrite);
        } finally {
            inFlight.exit(ticket);
        }
    }

    private void checkRequest(int pasid, long iova, int length) {
        if (length > 0 && Long.compareUnsigned(iova + length - 1, iova) < 0) {
            throw IommuException.of(Errno.EINVAL, "%s: a DMA of %d bytes at %s passes 2^64", device.name(), length,
                    Hex.of(iova));
        }
        if (pasid == Pasid.NONE) {
            return;
        }
        int bits = device.pasidBits();
        if (!device.pasidEnabled()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s %s, so it can't send PASID %d", device.name(),
                    bits == 0 ? "has no PASID capability" : "has PASIDs switched off", pasid);
        }
        if (pasid < 0 || pasid >>> bits != 0) {
            throw IommuException.of(Errno.EINVAL, "%s sends PASIDs of %d bits, not %d", device.name(), bits, pasid);
        }
    }
}
