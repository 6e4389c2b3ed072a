package sluicegate.sim.vtd;

import sluicegate.api.platform.DmaMaster.AtsCompletion;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.machine.unit.PlacedUnit;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.cache.InFlight;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.register.RegisterFile;
import sluicegate.sim.unit.Devices;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.unit.UnitModel;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.FaultReason;

/** A VT-d unit: its parts put together, and what its machine says about it. Thread-safe. */
public final class VtdUnit extends PlacedUnit implements UnitModel {
    /** What drivers look for. */
    public static final String COMPATIBLE_VTD = "intel,vtd";

    private static final int MIN_WINDOW = 4096;
    private static final int MAX_WINDOW = 1 << 20;

    private final InFlight inFlight = new InFlight();
    private final TranslationEngine engine;
    private final InvalidationQueue queue;
    private final PageRequests pageRequests;
    private final InterruptRemapper remapper;
    private final VtdCapabilities capabilities;
    private final RegisterFile registers;

    /** @param registerSize of its register window in bytes */
    public VtdUnit(UnitPlace place, long registerSize, VtdCapabilities capabilities, PhysicalMemory memory, MemoryArena arena,
            InterruptController interrupts) {
        super(place, COMPATIBLE_VTD, memory, arena, interrupts);
        this.capabilities = capabilities;
        var caches = TranslationCaches.create();
        var faults = new FaultReporting(CapabilityRegister.faultRecordingCount(capabilities.cap()), interrupts);
        remapper = new InterruptRemapper(memory, capabilities, faults, interrupts);
        var invalidator = new Invalidator(caches, remapper.cache(), inFlight, capabilities);
        var protectedMemory = new ProtectedMemory(capabilities, this::guard);
        engine = new TranslationEngine(memory, capabilities, caches, faults, protectedMemory);
        var requests = new PageRequestQueue(memory, interrupts);
        pageRequests = new PageRequests(engine, invalidator, requests);
        queue = new InvalidationQueue(place.name(), memory, capabilities, invalidator, faults, interrupts, pageRequests,
                engine::tableMode);
        var command = new GlobalCommand(place.name(), capabilities, engine, queue, remapper, faults, invalidator);
        var invalidation = new InvalidationRegisters(place.name(), invalidator, queue::enabled);
        int window = (int) Math.max(MIN_WINDOW, Math.min(MAX_WINDOW, registerSize));
        registers = VtdRegisterWindow.of(place.name(), window, capabilities, command, faults, queue, invalidation,
                requests, remapper, protectedMemory);
    }

    /** Protection of memory goes on or off: when this returns, no request is under way that has not heard of it. */
    private void guard() {
        engine.guard();
        inFlight.drain();
    }

    /** Translates as hardware does; for devices' DMA and for benchmarks. */
    public TranslationEngine engine() {
        return engine;
    }

    @Override
    public InFlight inFlight() {
        return inFlight;
    }

    /** Its invalidation queue, to make devices misbehave. */
    public InvalidationQueue invalidationQueue() {
        return queue;
    }

    @Override
    public long translate(int requesterId, int pasid, long iova, int access) {
        return engine.translate(requesterId, pasid, iova, access);
    }

    @Override
    public long translated(int requesterId, int pasid, long address, int access) {
        return engine.translated(requesterId, address, access);
    }

    @Override
    public Refusal settle(long answer) {
        return answer == TranslationEngine.NO_ADDRESS ? Refusal.NO_TARGET : Refusal.FAULT;
    }

    @Override
    public AtsCompletion translationRequest(int requesterId, int pasid, long iova, boolean noWrite) {
        return engine.translationRequest(requesterId, pasid, iova, noWrite)
                .map(page -> new AtsCompletion(DmaStatus.OK, page.address(), page.size(), prot(page.permissions())))
                .orElseGet(() -> new AtsCompletion(DmaStatus.FAULT, 0, 0, 0));
    }

    private static int prot(int permissions) {
        return ((permissions & RequestAccess.READ) != 0 ? Prot.READ : 0)
                | ((permissions & RequestAccess.WRITE) != 0 ? Prot.WRITE : 0);
    }

    @Override
    public void requestPage(int requesterId, int pasid, long iova, int access, int group, boolean last) {
        if (!capabilities.pageRequests()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "Unit %s takes no page requests (ECAP_REG.PRS is 0)", name());
        }
        pageRequests.request(new PageRequest(requesterId, pasid, iova, access, group, last));
    }

    @Override
    public void connect(Devices devices) {
        queue.setDevices(devices);
        pageRequests.setDevices(devices);
    }

    @Override
    public DmaStatus message(int requesterId, long address, int data, InterruptController controller) {
        return remapper.message(requesterId, address, data);
    }

    @Override
    public DmaStatus refuseMessage(int requesterId, int pasid, long address, int access) {
        if (!engine.enabled() && !remapper.enabled()) {
            return DmaStatus.NO_TARGET;
        }
        engine.refuseMessage(requesterId, pasid, address, access);
        return DmaStatus.FAULT;
    }

    @Override
    public Translation probe(int requesterId, int pasid, long iova, Access access) {
        UnitModel.checkRequesterId(this, requesterId);
        var answer = engine.probe(requesterId, pasid, iova, RequestAccess.of(access));
        if (answer.fault() == 0) {
            int noexec = (answer.permissions() & RequestAccess.EXECUTE) != 0 ? 0 : Prot.NOEXEC;
            return new Translation.Mapped(iova, answer.address(), noexec | prot(answer.permissions()), answer.size());
        }
        return FaultReason.of(answer.fault())
                .map(reason -> new Translation.Fault(iova, reason.code(), reason.name(), reason.sentence()))
                .orElseGet(() -> answer.fault() == -TranslationEngine.PROTECTED
                        ? new Translation.Fault(iova, answer.fault(), "PROTECTED_MEMORY",
                                "the address is in a memory region that is protected from DMA (PMEN_REG)")
                        : new Translation.Fault(iova, answer.fault(), "NO_ADDRESS",
                                "translation is off and the address is wider than a physical address"));
    }

    @Override
    public RegisterWindow registers() {
        return registers;
    }
}
