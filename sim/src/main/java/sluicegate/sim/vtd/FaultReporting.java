package sluicegate.sim.vtd;

import sluicegate.api.types.Pasid;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.InvalidationQueueErrorRecordRegister;
import sluicegate.spec.vtd.RequestType;

/**
 * Primary fault logging (VT-d 7.2.1) and the status that goes with it: the fault recording registers, FSTS_REG, IQERCD_REG
 * and the fault event.
 *
 * <p>Thread-safe with a lock of its own, under which nothing waits: a DMA that faults must be able to say so while an
 * invalidation waits for that DMA.
 */
final class FaultReporting {
    private static final long PFO = FaultStatusRegister.PFO.mask();
    private static final long PPF = FaultStatusRegister.PPF.mask();
    private static final long IQE = FaultStatusRegister.IQE.mask();
    private static final long ICE = FaultStatusRegister.ICE.mask();
    private static final long ITE = FaultStatusRegister.ITE.mask();
    private static final long CLEARED_BY_ONE = PFO | IQE | ICE | ITE;
    private static final long F = FaultRecord.F.mask();

    private final long[] low;
    private final long[] high;
    private final EventInterrupt event;
    private int next;
    /** Status bits, PPF among them, with FRI; written under the lock. */
    private volatile long status;
    private volatile long queueErrors;

    /** @param records number of fault recording registers */
    FaultReporting(int records, InterruptController interrupts) {
        low = new long[records];
        high = new long[records];
        event = new EventInterrupt(interrupts, this);
    }

    EventInterrupt event() {
        return event;
    }

    int records() {
        return low.length;
    }

    /**
     * Records a refused request unless the entry on its way keeps faults of its kind from being recorded.
     *
     * @param faultsDisabled FPD of that entry
     */
    void report(int reason, int sourceId, int pasid, long address, int access, int addressType, boolean faultsDisabled) {
        if (!suppressed(reason, faultsDisabled)) {
            record(reason, sourceId, pasid, address, access, addressType);
        }
    }

    /** The same for a page request. */
    void reportPageRequest(int reason, PageRequest request, boolean faultsDisabled) {
        if (!suppressed(reason, faultsDisabled)) {
            record(request(reason, request.sourceId(), request.pasid(), request.access(), RequestType.PAGE_REQUEST),
                    FaultRecord.FI.inPlace(request.address()));
        }
    }

    /** Records a refused interrupt, unless its entry keeps such faults from being recorded. */
    void reportInterrupt(int reason, int sourceId, int index, boolean faultsDisabled) {
        if (!suppressed(reason, faultsDisabled)) {
            // Nothing else counts for interrupts; an index that is too large loses its highest bit.
            record(FaultRecord.SID.set(FaultRecord.FR.set(F, reason), sourceId), (long) index << 48);
        }
    }

    private static boolean suppressed(int reason, boolean faultsDisabled) {
        return faultsDisabled && FaultReason.of(reason).map(FaultReason::qualified).orElse(false);
    }

    /**
     * Records a refused request, or that a record was lost.
     *
     * @param addressType AT field: {@link FaultRecord#AT_UNTRANSLATED} and so on
     */
    void record(int reason, int sourceId, int pasid, long address, int access, int addressType) {
        var type = switch (access & RequestAccess.ATOMIC) {
            case RequestAccess.WRITE -> RequestType.WRITE;
            case RequestAccess.ATOMIC -> RequestType.ATOMIC;
            default -> RequestType.READ;
        };
        record(FaultRecord.AT.set(request(reason, sourceId, pasid, access, type), addressType), FaultRecord.FI.inPlace(address));
    }

    /** The second word of a record, without its address type. */
    private static long request(int reason, int sourceId, int pasid, int access, RequestType type) {
        long word = F;
        word = FaultRecord.T1.set(word, type.t1());
        word = FaultRecord.T2.set(word, type.t2());
        word = FaultRecord.FR.set(word, reason);
        word = FaultRecord.SID.set(word, sourceId);
        if (pasid != Pasid.NONE) {
            word = FaultRecord.PP.set(word, 1);
            word = FaultRecord.PV.set(word, pasid);
            // Without PASID a request can claim neither.
            word = FaultRecord.EXE.set(word, (access & RequestAccess.EXECUTE) != 0 ? 1 : 0);
            word = FaultRecord.PRIV.set(word, (access & RequestAccess.PRIVILEGED) != 0 ? 1 : 0);
        }
        return word;
    }

    private synchronized void record(long word, long information) {
        if ((status & PFO) != 0) {
            return;
        }
        if ((high[next] & F) != 0) {
            raise(PFO);
            return;
        }
        low[next] = information;
        high[next] = word;
        int index = next;
        next = next + 1 == low.length ? 0 : next + 1;
        if ((status & PPF) == 0) {
            // FRI says which record was the first since there was none.
            long old = status;
            status = FaultStatusRegister.FRI.set(old, index) | PPF;
            signal(old);
        }
    }

    /** Neither addresses nor interrupts are translated any more: the next fault goes into the first record (7.2.1). */
    synchronized void rewind() {
        next = 0;
    }

    /** The invalidation queue stops at a descriptor. */
    synchronized void queueError(InvalidationQueueError error) {
        queueErrors = InvalidationQueueErrorRecordRegister.IQEI.set(queueErrors, error.code());
        raise(IQE);
    }

    /** A device did not answer an invalidation of its TLB in time. The record names the first until software has seen it. */
    synchronized void timeoutError(int sourceId) {
        if ((status & ITE) == 0) {
            queueErrors = InvalidationQueueErrorRecordRegister.ITESID.set(queueErrors, sourceId);
        }
        raise(ITE);
    }

    /** A device answered an invalidation that nobody asked for; recorded likewise. */
    synchronized void completionError(int sourceId) {
        if ((status & ICE) == 0) {
            queueErrors = InvalidationQueueErrorRecordRegister.ICESID.set(queueErrors, sourceId);
        }
        raise(ICE);
    }

    /** Whether an error keeps the invalidation queue from fetching descriptors. */
    boolean queueStopped() {
        return (status & (IQE | ITE)) != 0;
    }

    private void raise(long bits) {
        long old = status;
        status = old | bits;
        signal(old);
    }

    /** While a condition is pending, a further one makes no interrupt (VT-d 7.3). */
    private void signal(long old) {
        if ((old & (CLEARED_BY_ONE | PPF)) == 0) {
            event.trigger();
        }
    }

    /** FSTS_REG. */
    long status() {
        return status;
    }

    /** IQERCD_REG. */
    long queueErrors() {
        return queueErrors;
    }

    synchronized void writeStatus(long value) {
        long cleared = value & CLEARED_BY_ONE;
        if ((cleared & IQE) != 0) {
            queueErrors = InvalidationQueueErrorRecordRegister.IQEI.clear(queueErrors);
        }
        if ((cleared & ITE) != 0) {
            queueErrors = InvalidationQueueErrorRecordRegister.ITESID.clear(queueErrors);
        }
        if ((cleared & ICE) != 0) {
            queueErrors = InvalidationQueueErrorRecordRegister.ICESID.clear(queueErrors);
        }
        settle(status & ~cleared);
    }

    synchronized long recordLow(int index) {
        return low[index];
    }

    synchronized long recordHigh(int index) {
        return high[index];
    }

    /** Writing one to F frees a record; the rest of it is read-only. */
    synchronized void writeRecordHigh(int index, long value) {
        if ((value & F) == 0) {
            return;
        }
        high[index] &= ~F;
        boolean pending = false;
        for (long word : high) {
            pending |= (word & F) != 0;
        }
        settle(pending ? status : FaultStatusRegister.FRI.clear(status & ~PPF));
    }

    private void settle(long value) {
        status = value;
        if ((value & (CLEARED_BY_ONE | PPF)) == 0) {
            event.clearPending();
        }
    }
}
