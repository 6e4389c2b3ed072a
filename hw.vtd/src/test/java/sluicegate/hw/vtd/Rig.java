package sluicegate.hw.vtd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.firmware.VtdFeatures;
import sluicegate.hw.common.Patience;
import sluicegate.hw.common.rig.ScarceArena;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.TestUnit;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.X86LongMode;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.Devices;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.vtd.VtdCapabilities;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.PageRequestDescriptor;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;
import sluicegate.spec.vtd.PageRequestQueueTailRegister;

/**
 * A unit model with memory, arena and interrupts, and this driver on it. What stands between the two, registers and memory,
 * can be replaced by something that watches or disturbs.
 */
final class Rig implements AutoCloseable, FaultSink, Devices {
    static final int RW = 3;
    private static final long MEMORY = 256L << 20;

    private final HeapMemory memory;
    private final UnitArena arena;
    private final ScarceArena scarce;
    private final InterruptController interrupts = new InterruptController("rig");
    private long cap;
    private long ecap;
    private sluicegate.sim.vtd.VtdUnit model;
    private UnaryOperator<RegisterWindow> registerView = UnaryOperator.identity();
    private UnaryOperator<PhysicalMemory> memoryView = UnaryOperator.identity();
    private final List<FirmwareRegion> regions = new ArrayList<>();
    /** What devices were told: {@code flush 0118 -1 1000+2000}, {@code answer 0118 5 3 0}. */
    final List<String> told = Collections.synchronizedList(new ArrayList<>());
    private boolean mayScale = true;
    private boolean held;
    private boolean canSilence;
    private boolean silent;
    /** Whether the core takes no page request, because it lets go of devices. */
    volatile boolean closed;
    final List<PageRequest> pageRequests = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, String> properties = new HashMap<>();
    final List<FaultRecord> faults = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger overflows = new AtomicInteger();

    Rig() {
        var map = new AddressMap(List.of(new AddressMap.Range(0, MEMORY)));
        memory = new HeapMemory(map);
        arena = new UnitArena("dmar0", memory, new PageAllocator(map, List.of()));
        scarce = new ScarceArena(arena);
        var all = VtdCapabilities.of(VtdFeatures.DEFAULT, 46);
        cap = all.cap();
        ecap = all.ecap();
    }

    /** With a unit that has scalable mode with both stages, 20 bits of PASID and device TLBs, but no page requests. */
    static Rig scalable() {
        var rig = new Rig().cap(CapabilityRegister.FS1GP, 1).ecap(ExtendedCapabilityRegister.PSS, 19);
        for (var field : List.of(ExtendedCapabilityRegister.SMTS, ExtendedCapabilityRegister.FSTS, ExtendedCapabilityRegister.SSTS,
                ExtendedCapabilityRegister.NEST, ExtendedCapabilityRegister.PASID, ExtendedCapabilityRegister.RPS,
                ExtendedCapabilityRegister.SSADS, ExtendedCapabilityRegister.SMPWCS, ExtendedCapabilityRegister.ADMS,
                ExtendedCapabilityRegister.DT)) {
            rig.ecap(field, 1);
        }
        return rig;
    }

    /** The driver is told to use legacy mode whatever the unit has. */
    Rig legacyOnly() {
        return mayScale(false);
    }

    Rig mayScale(boolean may) {
        mayScale = may;
        return this;
    }

    /** Devices can be kept from sending, as {@link #isSilent} says. */
    Rig canSilence() {
        canSilence = true;
        return this;
    }

    /** Whether nothing may send now. */
    boolean isSilent() {
        return silent;
    }

    /** The next driver is told that the unit was left translating. */
    Rig held() {
        held = true;
        return this;
    }

    /** Firmware says so of the unit. */
    Rig property(String name, String value) {
        properties.put(name, value);
        return this;
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
            var place = new UnitPlace(null, "dmar0", 0xfed9_0000L, 0);
            model = new sluicegate.sim.vtd.VtdUnit(place, 4096, new VtdCapabilities(cap, ecap, 46), memory, arena, interrupts);
            model.connect(this);
        }
        return model;
    }

    /** Binds the driver. Its clock goes a millisecond with each look, and its patience is a second, so that no test waits. */
    VtdUnit start() {
        var clock = new AtomicLong();
        return (VtdUnit) new VtdDriver(new Patience(1_000_000_000L, () -> clock.addAndGet(1_000_000L)), mayScale).probe(context());
    }

    /** Binds the driver with the time of the world. */
    VtdUnit startInRealTime() {
        return (VtdUnit) new VtdDriver(Patience.ofMillis(20_000), mayScale).probe(context());
    }

    ProbeContext context() {
        var registers = registerView.apply(model().registers());
        var view = memoryView.apply(memory);
        var parts = new TestUnit.Parts(registers, view, scarce, interrupts, regions);
        return new Context(this, new TestUnit("dmar0", "intel,vtd", 0xfed9_0000L, parts, properties), held);
    }

    HeapMemory memory() {
        return memory;
    }

    /** What the driver takes for the arena. */
    ScarceArena scarce() {
        return scarce;
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

    /** The same of a request with a PASID. */
    long read(int sourceId, int pasid, long iova) {
        return model().translate(sourceId, pasid, iova, RequestAccess.READ);
    }

    /** Keeps the machine's interrupt thread busy until what is returned is run. */
    Runnable keepInterruptsBusy() {
        var busy = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var blocker = interrupts.allocate("blocker", () -> {
            busy.countDown();
            try {
                go.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        interrupts.raise(blocker.address(), blocker.data());
        try {
            if (!busy.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("no interrupt");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return go::countDown;
    }

    /** Waits until something is so, for ten seconds at most. */
    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("ten seconds have passed");
            }
            Thread.onSpinWait();
        }
    }

    /** Puts a request into the page request queue as hardware does that lets everything pass; it makes no interrupt. */
    void putPageRequest(PageRequest request, boolean privileged, boolean execute) {
        long queue = registers().read64(PageRequestQueueAddressRegister.OFFSET);
        long tail = registers().read64(PageRequestQueueTailRegister.OFFSET);
        long at = PageRequestQueueAddressRegister.PQA.inPlace(queue) + tail;
        long low = PageRequestDescriptor.TYPE.set(0, PageRequestDescriptor.PAGE_REQUEST);
        low = PageRequestDescriptor.SID.set(low, request.sourceId()) | PageRequestDescriptor.PP.mask();
        low = PageRequestDescriptor.PASID.set(low, request.pasid());
        low = PageRequestDescriptor.PRIV.set(low, privileged ? 1 : 0);
        low = PageRequestDescriptor.EXE.set(low, execute ? 1 : 0);
        long high = PageRequestDescriptor.ADDR.setInPlace(0, request.iova());
        high = PageRequestDescriptor.RD.set(high, (request.prot() & Prot.READ) != 0 ? 1 : 0);
        high = PageRequestDescriptor.WR.set(high, (request.prot() & Prot.WRITE) != 0 ? 1 : 0);
        high = PageRequestDescriptor.LPIG.set(high, request.last() ? 1 : 0);
        memory.set64(at + Long.BYTES, PageRequestDescriptor.PRGI.set(high, request.group()));
        memory.set64(at, low);
        registers().write64(PageRequestQueueTailRegister.OFFSET, tail + PageRequestDescriptor.BYTES);
    }

    /** A probed device with these ids. */
    static TestDevice device(VtdUnit unit, String name, int... ids) {
        return probed(unit, new TestDevice(name, 0x020000), ids);
    }

    static TestDevice probed(VtdUnit unit, TestDevice device, int... ids) {
        for (int id : ids) {
            unit.ofXlate(device, List.of(id));
        }
        unit.probeDevice(device);
        return device;
    }

    static PagingDomain domain(VtdUnit unit, TestDevice device) {
        return (PagingDomain) unit.domainAllocPaging(device, Set.of());
    }

    static SecondStageDomain parent(VtdUnit unit, TestDevice device, AllocFlag... further) {
        var flags = EnumSet.of(AllocFlag.NEST_PARENT, further);
        return (SecondStageDomain) unit.domainAllocPaging(device, flags);
    }

    /** A guest's tables at {@code at} of the memory: guest addresses from there on are physical addresses. */
    DriverDomain nested(VtdUnit unit, TestDevice device, SecondStageDomain parent, long top) {
        return unit.domainAllocNested(device, parent, List.of(0L, top, 48L));
    }

    /** A table of a guest, whose guest-physical addresses are physical ones. */
    PageTable guestTable() {
        return new PageTable(new X86LongMode(4, X86LongMode.ALL_SIZES, false), memory, arena, gather -> {});
    }

    /** As the core does: unmap and make the hardware forget. */
    static void unmap(DriverDomain domain, long iova, long pages) {
        var gather = new IotlbGather();
        if (domain.unmapPages(iova, 4096, pages, gather) != pages * 4096) {
            throw new AssertionError("not mapped");
        }
        domain.iotlbSync(gather);
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
        pageRequests.add(request);
    }

    @Override
    public boolean offer(PageRequest request) {
        return !closed && pageRequests.add(request);
    }

    @Override
    public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
        told.add(String.format("flush %04x %d %x+%x", requesterId, pasid, address, size));
        return true;
    }

    @Override
    public void respond(int requesterId, int pasid, int group, int code) {
        told.add(String.format("answer %04x %d %d %d", requesterId, pasid, group, code));
    }

    @Override
    public void close() {
        interrupts.close();
    }

    /** The capability that a combination of invalidation by queue and caching mode stands for. */
    static Rig of(boolean queue, boolean cachingMode) {
        return new Rig().cap(CapabilityRegister.CM, cachingMode ? 1 : 0).ecap(ExtendedCapabilityRegister.QI, queue ? 1 : 0);
    }

    private record Context(Rig rig, IommuUnit unit, boolean held) implements ProbeContext {
        @Override
        public FaultSink faults() {
            return rig;
        }

        @Override
        public void withoutDma(Runnable action) {
            if (!rig.canSilence) {
                throw new IommuException(Errno.EBUSY, "the i2c controller can't be kept from sending");
            }
            rig.silent = true;
            action.run();
            rig.silent = false;
        }

        @Override
        public String unitName() {
            return "rig:dmar0";
        }
    }
}
