package sluicegate.hw.vtd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.VtdFeatures;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.vtd.VtdCapabilities;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;

/**
 * A unit model with memory, arena and interrupts, and this driver on it. What stands between the two, registers and memory,
 * can be replaced by something that watches or disturbs.
 */
final class Rig implements AutoCloseable, FaultSink {
    static final int RW = 3;
    private static final long MEMORY = 256L << 20;

    private final HeapMemory memory;
    private final UnitArena arena;
    private final InterruptController interrupts = new InterruptController("rig");
    private long cap;
    private long ecap;
    private sluicegate.sim.vtd.VtdUnit model;
    private UnaryOperator<RegisterWindow> registerView = UnaryOperator.identity();
    private UnaryOperator<PhysicalMemory> memoryView = UnaryOperator.identity();
    private final List<FirmwareRegion> regions = new ArrayList<>();
    final List<FaultRecord> faults = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger overflows = new AtomicInteger();

    Rig() {
        var map = new AddressMap(List.of(new AddressMap.Range(0, MEMORY)));
        memory = new HeapMemory(map);
        arena = new UnitArena("dmar0", memory, new PageAllocator(map, List.of()));
        var all = VtdCapabilities.of(VtdFeatures.DEFAULT, 46);
        cap = all.cap();
        ecap = all.ecap();
    }

    /** Changes what the unit says in CAP_REG. */
    Rig cap(Field field, long value) {
        cap = field.set(cap, value);
        return this;
    }

    Rig ecap(Field field, long value) {
        ecap = field.set(ecap, value);
        return this;
    }

    /** Puts something between driver and registers. */
    Rig registers(UnaryOperator<RegisterWindow> view) {
        registerView = view;
        return this;
    }

    /** Puts something between driver and memory; the hardware goes on using the memory itself. */
    Rig memory(UnaryOperator<PhysicalMemory> view) {
        memoryView = view;
        return this;
    }

    Rig region(FirmwareRegion region) {
        regions.add(region);
        return this;
    }

    sluicegate.sim.vtd.VtdUnit model() {
        if (model == null) {
            var place = new sluicegate.sim.vtd.VtdUnit.Place(null, "dmar0", 0xfed9_0000L, 4096, 0, Map.of(), List.of());
            model = new sluicegate.sim.vtd.VtdUnit(place, new VtdCapabilities(cap, ecap, 46), memory, arena, interrupts);
        }
        return model;
    }

    /** Binds the driver. Its clock goes a millisecond with each look, and its patience is a second, so that no test waits. */
    VtdUnit start() {
        var clock = new AtomicLong();
        return (VtdUnit) new VtdDriver(new Patience(1_000_000_000L, () -> clock.addAndGet(1_000_000L))).probe(context());
    }

    /** Binds the driver with the time of the world. */
    VtdUnit startInRealTime() {
        return (VtdUnit) new VtdDriver(Patience.ofMillis(20_000)).probe(context());
    }

    ProbeContext context() {
        var registers = registerView.apply(model().registers());
        var view = memoryView.apply(memory);
        return new Context(new Unit(registers, view, regions, arena, interrupts), this);
    }

    HeapMemory memory() {
        return memory;
    }

    UnitArena arena() {
        return arena;
    }

    RegisterWindow registers() {
        return model().registers();
    }

    /** What becomes of a read of the device: a physical address, or a negative fault code. */
    long read(int sourceId, long iova) {
        return model().translate(sourceId, Pasid.NONE, iova, RequestAccess.READ);
    }

    long write(int sourceId, long iova) {
        return model().translate(sourceId, Pasid.NONE, iova, RequestAccess.WRITE);
    }

    /** A probed device with these ids. */
    static TestDevice device(VtdUnit unit, String name, int... ids) {
        var device = new TestDevice(name, 0x020000);
        for (int id : ids) {
            unit.ofXlate(device, List.of(id));
        }
        unit.probeDevice(device);
        return device;
    }

    static PagingDomain domain(VtdUnit unit, TestDevice device) {
        return (PagingDomain) unit.domainAllocPaging(device, Set.of());
    }

    /** As the core does: map and make visible. */
    static void map(DriverDomain domain, long iova, long address, long pages, int prot) {
        if (domain.mapPages(iova, address, 4096, pages, prot) != pages * 4096) {
            throw new AssertionError("no memory");
        }
        domain.iotlbSyncMap(iova, pages * 4096);
    }

    @Override
    public void fault(FaultRecord record) {
        faults.add(record);
    }

    @Override
    public void overflow() {
        overflows.incrementAndGet();
    }

    @Override
    public void pageRequest(PageRequest request) {
        throw new AssertionError("no page requests in legacy mode: " + request);
    }

    @Override
    public void close() {
        interrupts.close();
    }

    /** The capability that a combination of invalidation by queue and caching mode stands for. */
    static Rig of(boolean queue, boolean cachingMode) {
        return new Rig().cap(CapabilityRegister.CM, cachingMode ? 1 : 0).ecap(ExtendedCapabilityRegister.QI, queue ? 1 : 0);
    }

    private record Context(IommuUnit unit, FaultSink faults) implements ProbeContext {
        @Override
        public String unitName() {
            return "rig:dmar0";
        }

        @Override
        public boolean held() {
            return false;
        }
    }

    private record Unit(RegisterWindow registers, PhysicalMemory memory, List<FirmwareRegion> firmwareRegions, MemoryArena arena,
            Interrupts interrupts) implements IommuUnit {
        @Override
        public String name() {
            return "dmar0";
        }

        @Override
        public Machine machine() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String compatible() {
            return "intel,vtd";
        }

        @Override
        public long baseAddress() {
            return 0xfed9_0000L;
        }

        @Override
        public int segment() {
            return 0;
        }

        @Override
        public Map<String, String> properties() {
            return Map.of();
        }
    }
}
