package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.PageRequestRecord;
import sluicegate.spec.smmuv3.PriqIrqCfg2Register;

/**
 * The PRI queue (8): page requests of devices on their way to software, and the answers that the unit gives by itself when
 * there is no room. Thread-safe with a lock of its own.
 */
final class PageRequestQueue {
    /** Codes of PRG response messages (8.3). */
    static final int SUCCESS = 0b0000;
    static final int INVALID_REQUEST = 0b0001;
    static final int RESPONSE_FAILURE = 0b1111;

    private final PhysicalMemory memory;
    private final Smmuv3Capabilities capabilities;
    private final GlobalErrors errors;
    private final OutputQueue queue;
    private final MessageInterrupt interrupt;

    /**
     * A page request as it came from a device.
     *
     * @param access {@link RequestAccess} bits
     */
    record Request(int streamId, int substream, long address, int access, int group, boolean last) {
        /** A stop marker: no request at all, but the end of what a PASID asked for. */
        boolean isStopMarker() {
            return last && substream != Pasid.NONE && access == 0;
        }

        private long[] words() {
            long low = PageRequestRecord.STREAMID.set(0, Integer.toUnsignedLong(streamId));
            if (substream != Pasid.NONE) {
                low = PageRequestRecord.SSV.set(PageRequestRecord.SUBSTREAMID.set(low, substream), 1);
            }
            low |= (access & RequestAccess.READ) != 0 ? PageRequestRecord.R.mask() : 0;
            low |= (access & RequestAccess.WRITE) != 0 ? PageRequestRecord.W.mask() : 0;
            low |= (access & RequestAccess.EXECUTE) != 0 ? PageRequestRecord.X.mask() : 0;
            low |= (access & RequestAccess.PRIVILEGED) != 0 ? PageRequestRecord.PRIV.mask() : 0;
            low |= last ? PageRequestRecord.LAST.mask() : 0;
            return new long[] {low, PageRequestRecord.ADDRESS.inPlace(address) | group};
        }
    }

    /** An answer that the unit gives by itself; {@link Pasid#NONE} without PASID. */
    record Response(int substream, int code) {}

    PageRequestQueue(PhysicalMemory memory, Smmuv3Capabilities capabilities, GlobalErrors errors, Messages messages) {
        this.memory = memory;
        this.capabilities = capabilities;
        this.errors = errors;
        this.queue = new OutputQueue(memory, this, PageRequestRecord.BYTES, (int) Idr1Register.PRIQS.get(capabilities.idr1()));
        this.interrupt = new MessageInterrupt("priq", messages, at -> errors.raise(GerrorRegister.MSI_PRIQ_ABT_ERR.mask()));
    }

    OutputQueue queue() {
        return queue;
    }

    MessageInterrupt interrupt() {
        return interrupt;
    }

    Writer consumerWriter() {
        return queue.consumerWriter();
    }

    synchronized void enable(boolean on) {
        queue.enable(on);
    }

    /**
     * Takes a page request.
     *
     * @param translating whether the unit translates; otherwise the queue counts as disabled
     * @param stream the requester's entry, null or invalid if there is none
     * @return the unit's own answer, null if software is to answer, or nobody
     */
    synchronized Response request(Request request, boolean translating, StreamEntry stream) {
        if (!translating || !queue.enabled() || errors.isActive(GerrorRegister.PRIQ_ABT_ERR.mask())) {
            return request.isStopMarker() ? null : new Response(Pasid.NONE, RESPONSE_FAILURE);
        }
        if (queue.isFull() || queue.overflows()) {
            queue.overflow();
            boolean answered = request.last && !request.isStopMarker();
            if (request.last && lastOnly()) {
                interrupt.trigger();
            }
            return answered ? overflowResponse(request, stream) : null;
        }
        long slot = queue.slot();
        if (slot < 0) {
            errors.raise(GerrorRegister.PRIQ_ABT_ERR.mask());
            return request.isStopMarker() ? null : new Response(Pasid.NONE, RESPONSE_FAILURE);
        }
        boolean first = queue.isEmpty();
        var words = request.words();
        memory.set64Release(slot + 8, words[1]);
        memory.set64Release(slot, words[0]);
        queue.advance();
        if (lastOnly() ? request.last : first) {
            interrupt.trigger();
        }
        return null;
    }

    private boolean lastOnly() {
        return PriqIrqCfg2Register.LO.isSet(interrupt.attributes());
    }

    private Response overflowResponse(Request request, StreamEntry stream) {
        if (request.substream == Pasid.NONE) {
            return new Response(Pasid.NONE, SUCCESS);
        }
        if (capabilities.responsesKeepPasid()) {
            return new Response(request.substream, SUCCESS);
        }
        if (stream == null || !stream.valid()) {
            return new Response(Pasid.NONE, RESPONSE_FAILURE);
        }
        return new Response(stream.responsesKeepPasid() ? request.substream : Pasid.NONE, SUCCESS);
    }
}
