package sluicegate.sim.smmuv3;

import sluicegate.api.platform.DmaMaster.AtsCompletion;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Access;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.machine.unit.PlacedUnit;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.InFlight;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.register.RegisterFile;
import sluicegate.sim.smmuv3.PageRequestQueue.Request;
import sluicegate.sim.smmuv3.PageRequestQueue.Response;
import sluicegate.sim.smmuv3.TranslationEngine.AtsAnswer;
import sluicegate.sim.unit.Devices;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.unit.UnitModel;
import sluicegate.spec.smmuv3.EventType;

/** An SMMUv3 unit: its parts put together, and what its machine says about it. Thread-safe. */
public final class Smmuv3Unit extends PlacedUnit implements UnitModel {
    /** What drivers look for. */
    public static final String COMPATIBLE_SMMUV3 = "arm,smmu-v3";

    /** How long a device waits for software to answer a stall before its request ends in an error. */
    private static final long PATIENCE_MILLIS = 10_000;

    private final InFlight inFlight = new InFlight();
    private final Stalls stalls;
    private final Configurations configurations;
    private final TranslationEngine engine;
    private final Commands commands;
    private final PageRequestQueue pageRequests;
    private final RegisterFile registers;
    private volatile Devices devices = Devices.ABSENT;

    public Smmuv3Unit(UnitPlace place, Smmuv3Capabilities capabilities, PhysicalMemory memory, MemoryArena arena,
            InterruptController interrupts) {
        super(place, COMPATIBLE_SMMUV3, memory, arena, interrupts);
        var epoch = new CacheEpoch();
        var tags = new AddressSpaceTags();
        var tlb = new Tlb(epoch, capabilities);
        var walker = new TableWalker(memory, tlb, capabilities);
        var streams = new StreamTable(memory, capabilities);
        var cache = new ConfigurationCache(epoch, capabilities.streamBits());
        var messages = new Messages(memory, interrupts);
        var errors = new GlobalErrors(messages, capabilities);
        var events = new EventQueue(memory, capabilities, errors, messages);
        stalls = new Stalls(capabilities.maxStalls());
        events.onWritable(stalls::retryUnrecorded);
        configurations = new Configurations(capabilities, cache, streams, tags, new ContextTable(memory, walker, capabilities));
        engine = new TranslationEngine(capabilities, configurations, tlb, walker, epoch, new FaultReporter(events, stalls));
        commands = new Commands(capabilities, cache, new TlbInvalidations(tlb, tags, capabilities), engine, stalls, inFlight,
                messages, errors);
        pageRequests = new PageRequestQueue(memory, capabilities, errors, messages);
        var commandQueue = new CommandQueue(memory, capabilities, commands, errors);
        var enhancedQueues = new EnhancedCommandQueues(memory, capabilities, commands, errors);
        var control = new ControlRegisters(capabilities, new ControlRegisters.Parts(engine, streams, commandQueue, enhancedQueues,
                commands, events, pageRequests, errors, stalls, inFlight));
        registers = Smmuv3RegisterWindow.of(place.name(), capabilities, control, commandQueue, enhancedQueues, events,
                pageRequests, errors);
    }

    /** Translates as hardware does; for devices' DMA and for benchmarks. */
    public TranslationEngine engine() {
        return engine;
    }

    @Override
    public InFlight inFlight() {
        return inFlight;
    }

    /** Transactions that wait for software. */
    public Stalls stalls() {
        return stalls;
    }

    @Override
    public void connect(Devices listener) {
        devices = listener;
        commands.setDevices(listener);
    }

    /** @param streamId as firmware maps the requester's id */
    @Override
    public long translate(int streamId, int pasid, long iova, int access) {
        // Data without privilege has the same numbers on both sides.
        return engine.translate(streamId, pasid, iova,
                access <= RequestAccess.ATOMIC ? access : StreamAccess.of(access));
    }

    @Override
    public long translated(int streamId, int pasid, long address, int access) {
        return engine.translated(streamId, address, StreamAccess.of(access));
    }

    @Override
    public Refusal settle(long answer) {
        if (TranslationEngine.isStalled(answer)) {
            return switch (stalls.await(TranslationEngine.stallTag(answer), PATIENCE_MILLIS)) {
                case RETRY -> Refusal.RETRY;
                case IGNORE -> Refusal.DISCARDED;
                case ABORT -> Refusal.FAULT;
            };
        }
        return answer == TranslationEngine.IGNORED ? Refusal.DISCARDED : Refusal.FAULT;
    }

    @Override
    public AtsCompletion translationRequest(int streamId, int pasid, long iova, boolean noWrite) {
        var answer = engine.translationRequest(streamId, pasid, iova, noWrite);
        return answer.status() == AtsAnswer.Status.SUCCESS
                ? new AtsCompletion(DmaStatus.OK, answer.address(), answer.size(), prot(answer.permissions()))
                : new AtsCompletion(DmaStatus.FAULT, 0, 0, 0);
    }

    /** Nothing is at the interrupt controller but its message register. */
    @Override
    public DmaStatus refuseMessage(int streamId, int pasid, long address, int access) {
        return DmaStatus.NO_TARGET;
    }

    @Override
    public void powerOff() {
        stalls.abortAll();
    }

    @Override
    public void requestPage(int streamId, int pasid, long address, int access, int group, boolean last) {
        var stream = engine.enabled() ? configurations.entry(streamId) : null;
        Response response = pageRequests.request(new Request(streamId, pasid, address, access, group & 0x1ff, last),
                engine.enabled(), stream);
        if (response != null) {
            devices.respond(streamId, response.substream(), group, response.code());
        }
    }

    private static int prot(int permissions) {
        return ((permissions & StreamAccess.READ) != 0 ? Prot.READ : 0)
                | ((permissions & StreamAccess.WRITE) != 0 ? Prot.WRITE : 0);
    }

    @Override
    public Translation probe(int requesterId, int pasid, long iova, Access access) {
        var page = engine.probe(requesterId, pasid, iova, StreamAccess.of(access));
        if (page.fault() == 0) {
            int noexec = (page.permissions() & StreamAccess.EXECUTE) != 0 ? 0 : Prot.NOEXEC;
            return new Translation.Mapped(iova, page.address(), noexec | prot(page.permissions()), page.size());
        }
        return EventType.of(page.event())
                .<Translation>map(event -> new Translation.Fault(iova, event.code(), event.name(), event.sentence()))
                .orElseGet(() -> new Translation.Fault(iova, 0, "ABORT",
                        "the stream, or the unit while it does not translate, aborts every request and records nothing"));
    }

    @Override
    public RegisterWindow registers() {
        return registers;
    }
}
