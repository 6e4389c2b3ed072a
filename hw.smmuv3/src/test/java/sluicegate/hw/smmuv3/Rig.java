package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.hw.common.Patience;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.TestProbe;
import sluicegate.hw.common.rig.TestUnit;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.sim.smmuv3.StreamAccess;
import sluicegate.sim.unit.Devices;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.EventType;

/**
 * A unit model with memory, arena and interrupts, and this driver on it. What stands between the two, registers and memory,
 * can be replaced by something that watches or disturbs.
 */
final class Rig implements AutoCloseable, FaultSink, Devices {
    static final int RW = 3;
    private static final long MEMORY = 256L << 20;

    private final HeapMemory memory;
    private final UnitArena arena;
    private final InterruptController interrupts = new InterruptController("rig");
    private long idr0;
    private long idr1;
    private long idr3;
    private long idr5;
    private long idr6;
    private sluicegate.sim.smmuv3.Smmuv3Unit model;
    private UnaryOperator<RegisterWindow> registerView = UnaryOperator.identity();
    private UnaryOperator<PhysicalMemory> memoryView = UnaryOperator.identity();
    private UnaryOperator<MemoryArena> arenaView = UnaryOperator.identity();
    private final List<FirmwareRegion> regions = new ArrayList<>();
    final List<FaultRecord> faults = Collections.synchronizedList(new ArrayList<>());
    final List<PageRequest> requests = Collections.synchronizedList(new ArrayList<>());
    /** What devices were told, in words. */
    final List<String> toDevices = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger overflows = new AtomicInteger();
    volatile boolean devicesAnswer = true;
    /** Whether the core takes no page requests, because it lets go of devices. */
    volatile boolean lettingGo;
    private boolean held;

    private Rig(sluicegate.sim.smmuv3.Smmuv3Capabilities features) {
        var map = new AddressMap(List.of(new AddressMap.Range(0, MEMORY)));
        memory = new HeapMemory(map);
        arena = new UnitArena("smmu3.0x9050000", memory, new PageAllocator(map, List.of()));
        idr0 = features.idr0();
        idr1 = features.idr1();
        idr3 = features.idr3();
        idr5 = features.idr5();
        idr6 = features.idr6();
    }

    /** Everything that there is. */
    static Rig full() {
        return new Rig(sluicegate.sim.smmuv3.Smmuv3Capabilities.FULL);
    }

    /** Stage 1, 4 KiB, a linear table of 64 streams, no range invalidation. */
    static Rig minimal() {
        return new Rig(sluicegate.sim.smmuv3.Smmuv3Capabilities.MINIMAL);
    }

    /** The same with enhanced command queues: two pages of queues, each as many as this to the power of two. */
    static Rig enhanced(int queueBits) {
        return new Rig(sluicegate.sim.smmuv3.Smmuv3Capabilities.FULL.withEnhancedQueues(1, queueBits));
    }

    static Rig of(String kind) {
        return kind.equals("full") ? full() : kind.equals("enhanced") ? enhanced(2) : minimal();
    }

    Rig idr0(Field field, long value) {
        idr0 = field.set(idr0, value);
        return this;
    }

    Rig idr1(Field field, long value) {
        idr1 = field.set(idr1, value);
        return this;
    }

    Rig idr3(Field field, long value) {
        idr3 = field.set(idr3, value);
        return this;
    }

    Rig idr5(Field field, long value) {
        idr5 = field.set(idr5, value);
        return this;
    }

    /** From now on a driver is told that the one before left the unit translating. */
    Rig held() {
        held = true;
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

    /** Puts something between driver and arena. */
    Rig arena(UnaryOperator<MemoryArena> view) {
        arenaView = view;
        return this;
    }

    Rig region(FirmwareRegion region) {
        regions.add(region);
        return this;
    }

    sluicegate.sim.smmuv3.Smmuv3Unit model() {
        if (model == null) {
            var place = new UnitPlace(null, "smmu3.0x9050000", 0x905_0000L, 0);
            model = new sluicegate.sim.smmuv3.Smmuv3Unit(place,
                    new sluicegate.sim.smmuv3.Smmuv3Capabilities(idr0, idr1, idr3, idr5, 2, idr6), memory, arena, interrupts);
            model.connect(this);
        }
        return model;
    }

    /** Binds the driver. Its clock goes a millisecond with each look, and its patience is a second, so that no test waits. */
    Smmuv3Unit start() {
        var clock = new AtomicLong();
        return (Smmuv3Unit) new Smmuv3Driver(new Patience(1_000_000_000L, () -> clock.addAndGet(1_000_000L))).probe(context());
    }

    /** Binds the driver with the time of the world. */
    Smmuv3Unit startInRealTime() {
        return (Smmuv3Unit) new Smmuv3Driver(Patience.ofMillis(20_000)).probe(context());
    }

    ProbeContext context() {
        var registers = registerView.apply(model().registers());
        var view = memoryView.apply(memory);
        var parts = new TestUnit.Parts(registers, view, arenaView.apply(arena), interrupts, regions);
        return new TestProbe(new TestUnit("smmu3.0x9050000", "arm,smmu-v3", 0x905_0000L, parts), this, held);
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
    long read(int sid, long iova) {
        return read(sid, Pasid.NONE, iova);
    }

    long read(int sid, int pasid, long iova) {
        return model().engine().translate(sid, pasid, iova, StreamAccess.READ);
    }

    long write(int sid, long iova) {
        return model().engine().translate(sid, Pasid.NONE, iova, StreamAccess.WRITE);
    }

    /** A probed PCI function with these stream ids. */
    static TestDevice device(Smmuv3Unit unit, String name, int... sids) {
        return probed(unit, TestDevice.pci(name), sids);
    }

    static TestDevice probed(Smmuv3Unit unit, TestDevice device, int... sids) {
        for (int sid : sids) {
            unit.ofXlate(device, List.of(sid));
        }
        unit.probeDevice(device);
        return device;
    }

    static DriverDomain domain(Smmuv3Unit unit, TestDevice device, AllocFlag... flags) {
        return unit.domainAllocPaging(device, Set.of(flags));
    }

    static void attach(DriverDomain domain, TestDevice device) {
        domain.attachDev(device, Optional.empty());
    }

    /** As the core does: map and make visible. */
    static void map(DriverDomain domain, long iova, long address, long pages, int prot) {
        if (domain.mapPages(iova, address, 4096, pages, prot) != pages * 4096) {
            throw new AssertionError("no memory");
        }
        domain.iotlbSyncMap(iova, pages * 4096);
    }

    static void unmap(DriverDomain domain, long iova, long pages) {
        var gather = new IotlbGather();
        assertThat(domain.unmapPages(iova, 4096, pages, gather)).isEqualTo(pages * 4096);
        domain.iotlbSync(gather);
    }

    static long fault(EventType type) {
        return -type.code();
    }

    static void assertErrno(Errno errno, Runnable call) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(call::run)
                .satisfies(e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
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
        requests.add(request);
    }

    @Override
    public boolean offer(PageRequest request) {
        if (!lettingGo) {
            pageRequest(request);
        }
        return !lettingGo;
    }

    @Override
    public boolean invalidate(int sid, int pasid, boolean global, long address, long size) {
        toDevices.add("invalidate " + Integer.toHexString(sid) + (pasid == Pasid.NONE ? "" : "/" + pasid)
                + (size == 0 ? " all" : " " + Long.toHexString(address) + "+" + Long.toHexString(size)));
        return devicesAnswer;
    }

    @Override
    public void respond(int sid, int pasid, int group, int code) {
        toDevices.add("respond " + Integer.toHexString(sid) + (pasid == Pasid.NONE ? "" : "/" + pasid) + " group " + group
                + " code " + code);
    }

    @Override
    public void close() {
        interrupts.close();
    }
}
