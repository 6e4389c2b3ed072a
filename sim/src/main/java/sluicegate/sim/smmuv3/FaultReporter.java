package sluicegate.sim.smmuv3;

import sluicegate.api.types.Pasid;
import sluicegate.spec.smmuv3.BadAtsRequestEvent;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.SteFetchEvent;
import sluicegate.spec.smmuv3.TlbConflictEvent;
import sluicegate.spec.smmuv3.TranslationFaultEvent;
import sluicegate.spec.smmuv3.WalkAbortEvent;

/**
 * What becomes of a request that faults (3.12, 5.5): terminated with or without an abort, or stalled; recorded or not; and
 * the record that says so (7.3).
 */
final class FaultReporter {
    /** Every {@link FaultWord} is below this, every negative code of an event above. */
    static final long NO_FAULT_WORD = -0x1_0000;

    private final EventQueue events;
    private final Stalls stalls;

    /** A request that can't be served. */
    record Request(int streamId, int substream, long address, int access) {
        private long firstWord(int event) {
            long word = EventRecord.STREAMID.set(event, Integer.toUnsignedLong(streamId));
            return substream == Pasid.NONE
                    ? word
                    : EventRecord.SSV.set(EventRecord.SUBSTREAMID.set(word, substream & 0xf_ffff), 1);
        }

        /** The attributes of the request, where all records have them. */
        private long attributes() {
            return (StreamAccess.writes(access) ? 0 : TranslationFaultEvent.RNW.mask())
                    | (StreamAccess.executes(access) ? TranslationFaultEvent.IND.mask() : 0)
                    | (StreamAccess.isPrivileged(access) ? TranslationFaultEvent.PNU.mask() : 0);
        }
    }

    FaultReporter(EventQueue events, Stalls stalls) {
        this.events = events;
        this.stalls = stalls;
    }

    /** An error of configuration: recorded and aborted. */
    long configurationError(Configuration configuration, int event, Request request) {
        boolean merge = configuration.stream == null || configuration.stream.mergesEvents();
        long first = request.firstWord(event);
        if (event == EventType.F_STREAM_DISABLED.code()) {
            first = EventRecord.SSV.clear(EventRecord.SUBSTREAMID.clear(first));
        } else if (event == EventType.C_BAD_SUBSTREAMID.code()) {
            first = EventRecord.SSV.clear(first);
        }
        events.record(new long[] {first, 0, 0, 0}, merge);
        return -event;
    }

    /** A fault of translation or of a fetch. */
    long fault(Configuration configuration, long fault, Request request) {
        int event = FaultWord.event(fault);
        boolean merge = configuration.stream == null || configuration.stream.mergesEvents();
        if (event == EventType.F_STE_FETCH.code() || event == EventType.F_CD_FETCH.code()) {
            long fetched = SteFetchEvent.FETCHADDR.inPlace(FaultWord.address(fault));
            events.record(new long[] {request.firstWord(event), 0, 0, fetched}, merge);
            return -event;
        }
        if (event == EventType.F_WALK_EABT.code()) {
            long fetched = WalkAbortEvent.FETCHADDR.inPlace(FaultWord.address(fault));
            events.record(new long[] {request.firstWord(event), stage(fault) | request.attributes(), request.address(), fetched},
                    merge);
            return -event;
        }
        if (event == EventType.F_TLB_CONFLICT.code()) {
            boolean stage2 = FaultWord.isStage2(fault);
            events.record(new long[] {request.firstWord(event),
                (stage2 ? TlbConflictEvent.S2.mask() : 0) | request.attributes(), request.address(),
                stage2 ? TlbConflictEvent.IPA.inPlace(FaultWord.address(fault)) : 0}, merge);
            return -event;
        }
        return translationFault(configuration, fault, request, merge);
    }

    private long translationFault(Configuration configuration, long fault, Request request, boolean merge) {
        int event = FaultWord.event(fault);
        boolean stage2 = FaultWord.isStage2(fault);
        var words = new long[] {request.firstWord(event), stage(fault) | request.attributes(), request.address(),
            stage2 ? TranslationFaultEvent.IPA.inPlace(FaultWord.address(fault)) : 0};
        // Without stage 1 it is an abort that is recorded.
        boolean configured = stage2 || configuration.stage1;
        int flags = stage2 ? configuration.stage2.flags() : configuration.contextFlags;
        if (configured && (flags & StageTables.STALL) != 0) {
            int tag = stalls.hold(request.streamId());
            if (tag >= 0) {
                words[1] = TranslationFaultEvent.STALL.set(TranslationFaultEvent.STAG.set(words[1], tag), 1);
                if (!events.recordStall(words)) {
                    stalls.unrecorded(tag);
                    events.goOn();
                }
                return TranslationEngine.stalled(tag);
            }
        }
        boolean recorded = !configured || (flags & (StageTables.RECORD | StageTables.STALL)) != 0;
        if (recorded) {
            events.record(words, merge);
        }
        if (configured && (flags & StageTables.ABORT) == 0) {
            return TranslationEngine.IGNORED;
        }
        return recorded ? -event : TranslationEngine.ABORTED;
    }

    private static long stage(long fault) {
        long word = FaultWord.isStage2(fault) ? TranslationFaultEvent.S2.mask() : 0;
        if (FaultWord.tableRead(fault) && FaultWord.event(fault) == EventType.F_PERMISSION.code()) {
            word |= TranslationFaultEvent.TTRNW.mask();
        }
        return TranslationFaultEvent.CLASS.set(word, FaultWord.faultClass(fault));
    }

    /** A translation request from a stream that may not ask. */
    void forbiddenRequest(Request request) {
        events.record(new long[] {request.firstWord(EventType.F_BAD_ATS_TREQ.code()), 0,
            BadAtsRequestEvent.INPUTADDR.inPlace(request.address()), 0}, false);
    }

    /** A translated request from a stream that may not send any. */
    long forbiddenTraffic(Request request) {
        int event = EventType.F_TRANSL_FORBIDDEN.code();
        long first = EventRecord.STREAMID.set(event, Integer.toUnsignedLong(request.streamId()));
        events.record(new long[] {first, request.attributes() & TranslationFaultEvent.RNW.mask(), request.address(), 0}, false);
        return -event;
    }
}
