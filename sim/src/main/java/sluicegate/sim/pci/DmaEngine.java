package sluicegate.sim.pci;

import java.util.Objects;
import java.util.Optional;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.machine.pci.RequesterIds;
import sluicegate.sim.cache.InFlight;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.vtd.RequestAccess;
import sluicegate.sim.vtd.TranslationEngine;
import sluicegate.sim.vtd.VtdUnit;

/**
 * The DMA of one function: from the bus master bits through the unit in front of it into memory, or to the interrupt
 * controller for writes to the interrupt address range.
 *
 * <p>Thread-safe; allocates nothing unless a request is refused. A request is in flight from before its translation until
 * its access to memory is done, so that an invalidation and the closing of the gate can wait for it.
 */
final class DmaEngine implements DmaMaster {
    private static final int PAGE = 4096;

    private final SimPciFunction function;
    private final int requesterId;
    private final PhysicalMemory memory;
    private final InterruptController interrupts;
    /** What all requests pass through; without a unit nothing translates, but DMAs in flight are counted just the same. */
    private final InFlight inFlight;
    private final TranslationEngine engine;
    private volatile Gate gate = Gate.BUS_MASTER_OFF;

    /** Whether requests leave the function. */
    enum Gate {
        OPEN,
        BUS_MASTER_OFF,
        GONE
    }

    DmaEngine(SimPciFunction function, PhysicalMemory memory, InterruptController interrupts, Optional<VtdUnit> unit) {
        this.function = function;
        this.requesterId = RequesterIds.atRoot(function);
        this.memory = memory;
        this.interrupts = interrupts;
        this.inFlight = unit.map(VtdUnit::inFlight).orElseGet(InFlight::new);
        this.engine = unit.map(VtdUnit::engine).orElse(null);
    }

    /** Opens or closes the gate. When it was closed, no request of the function is under way on return. */
    void setGate(Gate state) {
        if (gate == Gate.GONE || gate == state) {
            return;
        }
        gate = state;
        if (state != Gate.OPEN) {
            inFlight.drain();
        }
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
        int ticket = inFlight.enter();
        try {
            if (gate != Gate.OPEN) {
                return closed();
            }
            long address = translate(pasid, iova, RequestAccess.READ);
            if (address < 0 || InterruptController.isInterruptAddress(address) || !memory.contains(address, length)) {
                return noMemory(address, pasid, iova, RequestAccess.READ);
            }
            memory.read(address, target, offset, length);
            return DmaStatus.OK;
        } finally {
            inFlight.exit(ticket);
        }
    }

    private DmaStatus writePage(int pasid, long iova, byte[] source, int offset, int length) {
        int ticket = inFlight.enter();
        try {
            if (gate != Gate.OPEN) {
                return closed();
            }
            long address = translate(pasid, iova, RequestAccess.WRITE);
            if (address >= 0 && InterruptController.isInterruptAddress(address)) {
                return message(address, pasid, source, offset, length);
            }
            if (address < 0 || !memory.contains(address, length)) {
                return noMemory(address, pasid, iova, RequestAccess.WRITE);
            }
            memory.write(address, source, offset, length);
            return DmaStatus.OK;
        } finally {
            inFlight.exit(ticket);
        }
    }

    private long translate(int pasid, long iova, int access) {
        if (engine != null) {
            return engine.translate(requesterId, pasid, iova, access);
        }
        return iova >>> 52 == 0 ? iova : TranslationEngine.NO_ADDRESS;
    }

    /** A read of no bytes moves nothing, but needs a translation: devices use it to flush their writes. */
    private DmaStatus readNothing(int pasid, long iova) {
        int ticket = inFlight.enter();
        try {
            if (gate != Gate.OPEN) {
                return closed();
            }
            long address = translate(pasid, iova, RequestAccess.ZERO_LENGTH_READ);
            return address >= 0 ? DmaStatus.OK : noMemory(address, pasid, iova, RequestAccess.ZERO_LENGTH_READ);
        } finally {
            inFlight.exit(ticket);
        }
    }

    private DmaStatus closed() {
        return gate == Gate.GONE ? DmaStatus.GONE : DmaStatus.BUS_MASTER_OFF;
    }

    private DmaStatus noMemory(long address, int pasid, long iova, int access) {
        if (address >= 0 && InterruptController.isInterruptAddress(address)) {
            return refuseMessage(pasid, iova, access);
        }
        return TranslationEngine.isFault(address) && address != TranslationEngine.NO_ADDRESS
                ? DmaStatus.FAULT
                : DmaStatus.NO_TARGET;
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
        interrupts.raise(address, data);
        return DmaStatus.OK;
    }

    private DmaStatus refuseMessage(int pasid, long address, int access) {
        if (engine == null || !engine.enabled()) {
            return DmaStatus.NO_TARGET;
        }
        engine.refuseMessage(requesterId, pasid, address, access);
        return DmaStatus.FAULT;
    }

    @Override
    public AtsCompletion translate(int pasid, long iova, boolean noWrite) {
        if (!function.atsEnabled()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s %s, so it can't ask for translations", function.name(),
                    function.hasAts() ? "has ATS switched off" : "has no ATS capability");
        }
        checkRequest(pasid, iova, 1);
        int ticket = inFlight.enter();
        try {
            if (gate != Gate.OPEN) {
                return new AtsCompletion(closed(), 0, 0, 0);
            }
            return engine == null
                    ? new AtsCompletion(DmaStatus.FAULT, 0, 0, 0)
                    : engine.translationRequest(requesterId, pasid, iova, noWrite)
                            .map(found -> new AtsCompletion(DmaStatus.OK, found.address(), found.size(), prot(found)))
                            .orElseGet(() -> new AtsCompletion(DmaStatus.FAULT, 0, 0, 0));
        } finally {
            inFlight.exit(ticket);
        }
    }

    private static int prot(TranslationEngine.Page page) {
        return ((page.permissions() & RequestAccess.READ) != 0 ? Prot.READ : 0)
                | ((page.permissions() & RequestAccess.WRITE) != 0 ? Prot.WRITE : 0);
    }

    private void checkRequest(int pasid, long iova, int length) {
        if (length > 0 && Long.compareUnsigned(iova + length - 1, iova) < 0) {
            throw IommuException.of(Errno.EINVAL, "%s: a DMA of %d bytes at %s passes 2^64", function.name(), length,
                    Hex.of(iova));
        }
        if (pasid == Pasid.NONE) {
            return;
        }
        int bits = function.pasidBits();
        if (!function.pasidEnabled()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s %s, so it can't send PASID %d", function.name(),
                    bits == 0 ? "has no PASID capability" : "has PASIDs switched off", pasid);
        }
        if (pasid < 0 || pasid >>> bits != 0) {
            throw IommuException.of(Errno.EINVAL, "%s sends PASIDs of %d bits, not %d", function.name(), bits, pasid);
        }
    }
}
