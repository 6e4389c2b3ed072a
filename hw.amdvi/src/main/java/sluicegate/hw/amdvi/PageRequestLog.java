package sluicegate.hw.amdvi;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.spec.amdvi.CompletePprCommand;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.PprAutoResponseRegister;
import sluicegate.spec.amdvi.PprLogBaseRegister;
import sluicegate.spec.amdvi.PprLogHeadRegister;
import sluicegate.spec.amdvi.PprLogTailRegister;
import sluicegate.spec.amdvi.PprRecord;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * The PPR log (section 2.6): devices' requests for pages ({@code iommu_call_iopf_notifier}). A request that makes no sense is
 * answered with a failure: without a PASID, with a reserved bit, with PASID 0 or one that the device can't have, from
 * nobody. A stop marker, which ends what a device has asked for under a PASID, is no request and gets no answer. When the log was
 * full, hardware has told devices to try again ({@link #answerTheRest}) or they wait in vain; either way it is started again.
 * Thread-safe.
 */
final class PageRequestLog {
    static final LogRing.Layout LAYOUT = new LogRing.Layout("PPR log", PprLogBaseRegister.OFFSET,
            PprLogBaseRegister.PPRLOGLEN, PprLogHeadRegister.OFFSET, PprLogTailRegister.OFFSET, ControlRegister.PPRLOGEN,
            ControlRegister.PPRINTEN, StatusRegister.PPRLOGRUN, StatusRegister.PPROVERFLOW);
    /** As in {@link EventLog}: devices that ask without end keep nobody longer than so many rounds. */
    private static final int ROUNDS = 64;

    private final LogRing ring;
    private final FaultSink sink;
    private final Invalidator answers;
    private final IntUnaryOperator pasids;
    private final IntPredicate answersWithPasid;
    /** Who waits for the log to be emptied gets his turn, however busy interrupts are with it. */
    private final ReentrantLock turns = new ReentrantLock(true);
    private boolean waiting;
    /** What the core did not take just now stays where it is, until the log is read again. */
    private boolean stays;
    private boolean refuses;

    /**
     * @param pasids the largest PASID of a device plus one, 0 if there is no such device or it can't ask
     * @param answersWithPasid whether answers to a device have to carry the PASID
     * @param waiting whether what is in the ring stays there until {@link #begin}
     */
    PageRequestLog(LogRing ring, FaultSink sink, Invalidator answers, IntUnaryOperator pasids, IntPredicate answersWithPasid,
            boolean waiting) {
        this.ring = ring;
        this.sink = sink;
        this.answers = answers;
        this.pasids = pasids;
        this.answersWithPasid = answersWithPasid;
        this.waiting = waiting;
    }

    LogRing ring() {
        return ring;
    }

    /** Those who serve requests are there: takes what has waited for them, and from now on all that comes. */
    void begin() {
        turns.lock();
        try {
            waiting = false;
            drain();
        } finally {
            turns.unlock();
        }
    }

    /**
     * Takes all that was there when this was called, and starts the log again if it was full. What comes meanwhile is taken too,
     * within bounds, and raises the interrupt if it is not. What the core does not take stays, with all that is behind it, and is offered
     * again the next time: it is of a device that the core is just letting go of, which either this driver is to release and knows no
     * longer then, or it is about to leave, and the next driver takes the request.
     */
    void drain() {
        turns.lock();
        try {
            stays = false;
            for (int round = 0; !waiting && !stays && round < ROUNDS; round++) {
                boolean some = takeAll();
                if (!stays && ring.overflowed()) {
                    takeAll();
                    restart();
                } else if (!some) {
                    return;
                }
            }
        } finally {
            turns.unlock();
        }
    }

    private void restart() {
        if (!stays) {
            // Before hardware takes more: what was lost ended groups that were begun until now.
            sink.overflow();
            ring.restart();
        }
    }

    /** Answers all that is there and all that comes, as invalid: nobody serves it any more. */
    void refuseAll() {
        turns.lock();
        try {
            refuses = true;
            begin();
        } finally {
            turns.unlock();
        }
    }

    private boolean takeAll() {
        sink.pageRequestsRead();
        return ring.drain(this::take) != 0;
    }

    /**
     * Has hardware answer what does not fit into the log, if it can: without an answer a device waits for ever. With success, as
     * other vendors' units do by themselves: a device that finds no translation then asks once more, and one that is well-behaved
     * loses nothing because another one has filled the log.
     */
    static void answerTheRest(AmdviWindow window, AmdviCapabilities capabilities) {
        if (capabilities.has(ExtendedFeatureRegister.PPRAUTORSPSUP)) {
            window.write64(PprAutoResponseRegister.OFFSET,
                    PprAutoResponseRegister.PPRAUTORSPCODE.set(0, CompletePprCommand.SUCCESS));
            window.control(0, ControlRegister.PPRAUTORSPEN.mask());
        }
    }

    /**
     * Answers what an earlier driver's log holds, where this one does not take over in place: its tables block at first, and
     * switching a device's page request interface on resets it, so that a later answer would mean nothing to the device ({@code
     * iopf_queue_remove_device} answers so).
     *
     * @param withPasid whether answers to a device have to carry the PASID
     */
    void takeLeft(LeftLog left, IntPredicate withPasid) {
        boolean lost = left.read((low, high) -> {
            if (isRequest(low) && PprRecord.isLast(low)) {
                answer(low, CompletePprCommand.INVALID, withPasid);
            }
            return true;
        });
        if (lost) {
            sink.overflow();
        }
    }

    /** Nobody waits for an answer to a stop marker: it says that nothing more comes under the PASID (PCI Express 10.4.1.2.1). */
    private static boolean isRequest(long low) {
        boolean asks = PprRecord.R.isSet(low) || PprRecord.W.isSet(low) || PprRecord.X.isSet(low);
        return PprRecord.CODE.get(low) == PprRecord.PAGE_SERVICE_REQUEST
                && (asks || !PprRecord.GN.isSet(low) || !PprRecord.isLast(low));
    }

    private boolean take(long low, long high) {
        int deviceId = (int) EventLogRecord.DEVICEID.get(low);
        if (!isRequest(low)) {
            sink.pageRequestKept(deviceId);
            return true;
        }
        if (refuses) {
            return refuse(low, CompletePprCommand.INVALID);
        }
        int pasid = PprRecord.pasid(low);
        if (!PprRecord.GN.isSet(low) || PprRecord.RZ.isSet(low) || pasid == 0 || pasid >= pasids.applyAsInt(deviceId)) {
            return refuse(low, CompletePprCommand.FAILURE);
        }
        int prot = (PprRecord.R.isSet(low) ? Prot.READ : 0)
                | (PprRecord.W.isSet(low) ? Prot.WRITE : 0)
                | (PprRecord.X.isSet(low) ? 0 : Prot.NOEXEC)
                | (PprRecord.US.isSet(low) ? 0 : Prot.PRIV);
        stays = !sink.offer(new PageRequest(deviceId, pasid, PprRecord.ADDRESS.inPlace(high), prot, PprRecord.group(low),
                PprRecord.isLast(low)));
        return !stays;
    }

    /** Of a group only the last request is answered. */
    private boolean refuse(long low, int code) {
        sink.pageRequestKept((int) EventLogRecord.DEVICEID.get(low));
        if (PprRecord.isLast(low)) {
            answer(low, code, answersWithPasid);
        }
        return true;
    }

    private void answer(long low, int code, IntPredicate withPasid) {
        int deviceId = (int) EventLogRecord.DEVICEID.get(low);
        boolean pasid = PprRecord.GN.isSet(low) && withPasid.test(deviceId);
        try {
            answers.answer(deviceId, pasid ? PprRecord.pasid(low) : Pasid.NONE, PprRecord.group(low), code);
        } catch (IommuException hardwareFails) {
            // Nobody waits for this; whoever uses the command buffer next is told.
        }
    }
}
