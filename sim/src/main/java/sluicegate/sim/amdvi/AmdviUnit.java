package sluicegate.sim.amdvi;

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
import sluicegate.sim.cache.InFlight;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.register.RegisterFile;
import sluicegate.sim.unit.Devices;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.unit.UnitModel;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;

/** An AMD IOMMU: its parts put together, and what its machine says about it. Thread-safe. */
public final class AmdviUnit extends PlacedUnit implements UnitModel {
    /** What drivers look for. */
    public static final String COMPATIBLE_AMDVI = "amd,iommu";

    private final InFlight inFlight = new InFlight();
    private final AmdviCapabilities capabilities;
    private final TranslationEngine engine;
    private final Commands commands;
    private final PageRequestLog pageRequests;
    private final InterruptRemapper remapper;
    private final Messages messages;
    private final RegisterFile registers;

    public AmdviUnit(UnitPlace place, AmdviCapabilities capabilities, PhysicalMemory memory, MemoryArena arena,
            InterruptController interrupts) {
        super(place, COMPATIBLE_AMDVI, memory, arena, interrupts);
        this.capabilities = capabilities;
        var caches = TranslationCaches.create();
        var status = new UnitStatus();
        messages = new Messages(interrupts);
        var log = new EventLog(memory, status, messages, capabilities.has(ExtendedFeatureRegister.HESUP));
        var events = new EventReporter(log);
        var table = new DeviceTable(memory, capabilities, caches.tags());
        var host = new HostWalker(memory, caches.directories());
        var guest = new GuestWalker(memory, host, caches, capabilities);
        engine = new TranslationEngine(table, caches, host, guest, events, capabilities);
        var guests = new GuestLog(memory, status, messages);
        remapper = new InterruptRemapper(memory, engine, events, new VirtualInterrupts(memory, guests));
        commands = new Commands(memory, capabilities,
                new Commands.Parts(engine, caches, remapper.entries(), inFlight, events, status, messages));
        var buffer = new CommandBuffer(memory, commands, events, status);
        pageRequests = new PageRequestLog(memory, events, status, messages);
        var control = new ControlRegisters(capabilities, new ControlRegisters.Parts(engine, table, caches.entries(), guest,
                remapper, commands, buffer, log, pageRequests, guests, messages));
        registers = AmdviRegisterWindow.of(place.name(), capabilities,
                new AmdviRegisterWindow.Parts(control, table, buffer, log, pageRequests, guests, status, messages));
    }

    /** Translates as hardware does; for devices' DMA and for benchmarks. */
    public TranslationEngine engine() {
        return engine;
    }

    /** How it interrupts: to be told of what software writes into its MSI capability. */
    public Messages messages() {
        return messages;
    }

    /** What it says about itself. */
    public AmdviCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public InFlight inFlight() {
        return inFlight;
    }

    @Override
    public void connect(Devices listener) {
        commands.setDevices(listener);
        pageRequests.setDevices(listener);
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
        var page = engine.translationRequest(requesterId, pasid, iova, noWrite);
        return page.answered()
                ? new AtsCompletion(DmaStatus.OK, page.address(), page.size(), prot(page.permissions()))
                : new AtsCompletion(DmaStatus.FAULT, 0, 0, 0);
    }

    @Override
    public DmaStatus message(int requesterId, long address, int data, InterruptController controller) {
        return remapper.message(requesterId, address, data, controller);
    }

    @Override
    public DmaStatus refuseMessage(int requesterId, int pasid, long address, int access) {
        return engine.refuseMessage(requesterId, pasid, address, access) ? DmaStatus.FAULT : DmaStatus.NO_TARGET;
    }

    @Override
    public void requestPage(int requesterId, int pasid, long address, int access, int group, boolean last) {
        pageRequests.request(new PageRequestLog.Request(requesterId, pasid, address, access, group & 0x1ff, last),
                engine.entryOf(requesterId));
    }

    private static int prot(int permissions) {
        return ((permissions & RequestAccess.READ) != 0 ? Prot.READ : 0)
                | ((permissions & RequestAccess.WRITE) != 0 ? Prot.WRITE : 0);
    }

    @Override
    public Translation probe(int requesterId, int pasid, long iova, Access access) {
        UnitModel.checkRequesterId(this, requesterId);
        var answer = engine.probe(requesterId, pasid, iova, RequestAccess.of(access));
        if (answer.fault() != 0) {
            return ProbeFaults.describe(answer, pasid, iova, RequestAccess.of(access));
        }
        int noexec = (answer.permissions() & RequestAccess.EXECUTE) != 0 ? 0 : Prot.NOEXEC;
        return new Translation.Mapped(iova, answer.address(), noexec | prot(answer.permissions()), answer.size());
    }

    @Override
    public RegisterWindow registers() {
        return registers;
    }
}
