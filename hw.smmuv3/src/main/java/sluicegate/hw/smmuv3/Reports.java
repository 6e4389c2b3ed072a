package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqConsRegister;
import sluicegate.spec.smmuv3.EventqIrqCfg0Register;
import sluicegate.spec.smmuv3.EventqIrqCfg1Register;
import sluicegate.spec.smmuv3.EventqIrqCfg2Register;
import sluicegate.spec.smmuv3.EventqProdRegister;
import sluicegate.spec.smmuv3.GerrorIrqCfg0Register;
import sluicegate.spec.smmuv3.GerrorIrqCfg1Register;
import sluicegate.spec.smmuv3.GerrorIrqCfg2Register;
import sluicegate.spec.smmuv3.IrqCtrlRegister;
import sluicegate.spec.smmuv3.PageRequestRecord;
import sluicegate.spec.smmuv3.PriRespCommand;
import sluicegate.spec.smmuv3.PriqBaseRegister;
import sluicegate.spec.smmuv3.PriqConsRegister;
import sluicegate.spec.smmuv3.PriqIrqCfg0Register;
import sluicegate.spec.smmuv3.PriqIrqCfg1Register;
import sluicegate.spec.smmuv3.PriqIrqCfg2Register;
import sluicegate.spec.smmuv3.PriqProdRegister;

/**
 * What the unit reports: events, page requests and global errors, with their interrupts ({@code arm_smmu_evtq_thread}, {@code
 * arm_smmu_priq_thread}). Stalled transactions are page requests that name their stall tag as their group; one that is not
 * answered with success counts as the fault that it was.
 */
final class Reports {
    static final ReportQueue.Registers EVENTS = new ReportQueue.Registers(EventqBaseRegister.OFFSET, EventqProdRegister.OFFSET,
            EventqConsRegister.OFFSET, Cr0Register.EVENTQEN, EventRecord.BYTES);
    static final ReportQueue.Registers PAGE_REQUESTS = new ReportQueue.Registers(PriqBaseRegister.OFFSET,
            PriqProdRegister.OFFSET, PriqConsRegister.OFFSET, Cr0Register.PRIQEN, PageRequestRecord.BYTES);
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);
    private static final int MAX_EVENT_BITS = 8;
    private static final int MAX_REQUEST_BITS = 9;
    /** Width of a stall tag. */
    private static final int TAG_BITS = 16;

    private final Smmuv3Capabilities capabilities;
    private final Smmuv3Window window;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final FaultSink sink;
    private final GlobalErrors errors;
    private final CommandQueues commands;
    private final ReportQueue events;
    private final ReportQueue requests;
    private final List<Interrupts.Vector> vectors = new ArrayList<>();
    private final Map<Long, FaultRecord> stalled = new ConcurrentHashMap<>();
    private volatile IntPredicate served = sid -> false;
    private volatile IntPredicate answersWithPasid = sid -> true;
    /** Whether all that comes stays in the queues until those who serve it are there. */
    private volatile boolean waiting;

    /**
     * Queues that are on are those of an earlier driver, and are gone on with.
     *
     * @param commands by which answers go to devices
     * @param waiting whether what comes stays in the queues until {@link #connect}
     * @throws IommuException ENOMEM; nothing stays allocated
     */
    Reports(Smmuv3Capabilities capabilities, Smmuv3Window window, PhysicalMemory memory, MemoryArena arena, FaultSink sink,
            GlobalErrors errors, CommandQueues commands, boolean waiting) {
        this.capabilities = capabilities;
        this.window = window;
        this.memory = memory;
        this.arena = arena;
        this.sink = sink;
        this.errors = errors;
        this.commands = commands;
        this.waiting = waiting;
        events = ReportQueue.create(window, memory, arena, sink, EVENTS, this::event,
                Math.min(capabilities.eventQueueBits(), MAX_EVENT_BITS));
        try {
            requests = capabilities.pri() ? ReportQueue.create(window, memory, arena, sink, PAGE_REQUESTS, new RequestTaker(),
                    Math.min(capabilities.pageRequestQueueBits(), MAX_REQUEST_BITS)) : null;
        } catch (IommuException e) {
            events.drop(arena);
            throw e;
        }
    }

    /**
     * Knows the devices from now on. Until then what they ask is refused, as it is for streams of no device.
     *
     * @param streams whether a stream belongs to a device
     * @param withPasid whether answers to a stream's page requests have their PASID, which not every device knows (PCI Express 10.5.2.3)
     */
    void serve(IntPredicate streams, IntPredicate withPasid) {
        served = streams;
        answersWithPasid = withPasid;
    }

    void openEvents() {
        events.open();
    }

    void openPageRequests() {
        if (requests != null) {
            requests.open();
        }
    }

    /** Connects the interrupts to new vectors ({@code arm_smmu_setup_irqs}) and reports what is there already. */
    void connect(Interrupts interrupts) {
        window.interrupts(0);
        vector(interrupts, "evtq", events::drain, EventqIrqCfg0Register.OFFSET, EventqIrqCfg1Register.OFFSET,
                EventqIrqCfg2Register.OFFSET);
        vector(interrupts, "gerror", errors::check, GerrorIrqCfg0Register.OFFSET, GerrorIrqCfg1Register.OFFSET,
                GerrorIrqCfg2Register.OFFSET);
        long enabled = IrqCtrlRegister.EVENTQ_IRQEN.mask() | IrqCtrlRegister.GERROR_IRQEN.mask();
        if (requests != null) {
            vector(interrupts, "priq", requests::drain, PriqIrqCfg0Register.OFFSET, PriqIrqCfg1Register.OFFSET,
                    PriqIrqCfg2Register.OFFSET);
            enabled |= IrqCtrlRegister.PRIQ_IRQEN.mask();
        }
        window.interrupts(enabled);
        waiting = false;
        drain();
    }

    /** A unit that can't send messages has lines, which its platform connects to the vector of that name. */
    private void vector(Interrupts interrupts, String name, Runnable handler, int address, int data, int attributes) {
        var vector = interrupts.allocate(window.unit() + "-" + name, handler);
        vectors.add(vector);
        if (capabilities.msi()) {
            window.write64(address, vector.address());
            window.write32(data, vector.data());
            window.write32(attributes, 0);
        }
    }

    /** Takes what is in the queues, unless it is to wait there. */
    void drain() {
        if (waiting) {
            return;
        }
        events.drain();
        if (requests != null) {
            requests.drain();
        }
    }

    static long[] words(PhysicalMemory memory, long address) {
        long[] words = new long[EventRecord.WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = memory.get64(address + (long) i * Long.BYTES);
        }
        return words;
    }

    private boolean event(long address, boolean report) {
        long[] words = words(memory, address);
        boolean stall = EventDecoder.isStall(words);
        if (stall) {
            var record = EventDecoder.decode(words);
            var request = RequestRecords.stall(words, record);
            stalled.put(key(request.sourceId(), request.group()), record);
            offerStall(request, report);
        } else if (report) {
            sink.fault(EventDecoder.decode(words));
        }
        return true;
    }

    /** All page requests are handed on, however many come: who has sent too many is stopped, and nobody else is refused for it. */
    private final class RequestTaker implements ReportQueue.Taker {
        @Override
        public void begin() {
            sink.pageRequestsRead();
        }

        @Override
        public boolean take(long address, boolean report) {
            return request(memory.get64(address), memory.get64(address + Long.BYTES));
        }
    }

    /** Nobody waits for an answer to a stop marker. What the core does not take, because this driver is about to leave, is the next one's. */
    private boolean request(long low, long high) {
        if (RequestRecords.isStopMarker(low)) {
            sink.pageRequestKept((int) PageRequestRecord.STREAMID.get(low));
            return true;
        }
        var request = RequestRecords.pageRequest(low, high);
        if (served.test(request.sourceId())) {
            return sink.offer(request);
        }
        sink.pageRequestKept(request.sourceId());
        if (request.last()) {
            refuse(request);
        }
        return true;
    }

    /** This driver does not leave: the core knows a device again, or none, so that what it has not taken stays nowhere. */
    void resume() {
        if (requests != null && !waiting) {
            requests.resume();
        }
    }

    /** A stall of no device, or more than can be handled, ends at once; one that the core does not take waits for the next driver. */
    private void offerStall(PageRequest request, boolean report) {
        if (report && served.test(request.sourceId())) {
            sink.pageRequest(request);
            return;
        }
        sink.pageRequestKept(request.sourceId());
        refuse(request);
    }

    private void refuse(PageRequest request) {
        answer(request, PageResponse.INVALID);
    }

    private void answer(PageRequest request, PageResponse response) {
        try {
            respond(request, response);
        } catch (IommuException e) {
            LOG.warn("{}: a page request of stream {} could not be answered: {}", window.unit(), request.sourceId(), e.getMessage());
        }
    }

    private static long key(int sid, int tag) {
        return Integer.toUnsignedLong(sid) << TAG_BITS | tag;
    }

    /** Answers a stall by CMD_RESUME, a page request by CMD_PRI_RESP ({@code arm_smmu_page_response}). */
    void respond(PageRequest request, PageResponse response) {
        var queue = commands.mine();
        boolean success = response == PageResponse.SUCCESS;
        var stall = stalled.remove(key(request.sourceId(), request.group()));
        if (stall != null) {
            queue.run(Commands.resume(request.sourceId(), success), Commands.resumeHigh(request.group()));
            if (!success) {
                sink.fault(stall);
            }
        } else if (capabilities.pri()) {
            int code = switch (response) {
                case SUCCESS -> PriRespCommand.RESP_SUCCESS;
                case INVALID -> PriRespCommand.RESP_INVALID;
                case FAILURE -> PriRespCommand.RESP_FAILURE;
            };
            int pasid = answersWithPasid.test(request.sourceId()) ? request.pasid() : Pasid.NONE;
            queue.run(Commands.pageResponse(request.sourceId(), pasid), Commands.pageResponseHigh(request.group(), code));
        }
    }

    /** Answers the stalls of streams that go: nobody else will. */
    void forget(int[] sids) {
        resume();
        drain();
        for (int sid : sids) {
            answerStalls(Integer.toUnsignedLong(sid), Integer.toUnsignedLong(sid), PageResponse.INVALID);
        }
    }

    private void answerStalls(long firstSid, long lastSid, PageResponse response) {
        for (var each : List.copyOf(stalled.entrySet())) {
            long sid = each.getKey() >>> TAG_BITS;
            if (sid >= firstSid && sid <= lastSid) {
                var record = each.getValue();
                answer(new PageRequest((int) sid, record.pasid(), record.iova(), 0, (int) (each.getKey() & (1 << TAG_BITS) - 1),
                        true), response);
            }
        }
    }

    private void takeAll() {
        waiting = false;
        resume();
        drain();
    }

    /**
     * From here on no interrupt comes any more, and nobody waits for an answer of this driver.
     *
     * @param forNext whether what is in the queues, and comes from now on, waits for the next driver: what is stalled tries once more
     *     then, and waits for that one. Otherwise all that is there is taken, and what is stalled aborts
     */
    void silence(boolean forNext) {
        if (!forNext) {
            takeAll();
        }
        window.interrupts(0);
        vectors.forEach(Interrupts.Vector::close);
        vectors.clear();
        if (!forNext) {
            drain();
        }
        answerStalls(0, 0xffff_ffffL, forNext ? PageResponse.SUCCESS : PageResponse.INVALID);
    }

    /** After {@link #silence}, if nothing is to wait for another driver: switches the queues off and gives them back. */
    void stop() {
        if (requests != null) {
            requests.stop(arena);
        }
        events.stop(arena);
    }

    /** Whether it has that page of the arena. */
    boolean uses(long page) {
        return isIn(events, page) || requests != null && isIn(requests, page);
    }

    private static boolean isIn(ReportQueue queue, long page) {
        return page >= queue.ring() && page < queue.ring() + queue.bytes();
    }
}
