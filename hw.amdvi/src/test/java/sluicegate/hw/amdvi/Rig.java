package sluicegate.hw.amdvi;

import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.mock;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.AmdviFeatures;
import sluicegate.firmware.AmdviFlag;
import sluicegate.hw.common.Patience;
import sluicegate.hw.common.rig.TestConfig;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.TestProbe;
import sluicegate.hw.common.rig.TestUnit;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.Devices;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.pci.CapabilityId;

/**
 * A unit model with memory, arena and interrupts, and this driver on it. What stands between the two, registers and memory,
 * can be replaced by something that watches or disturbs.
 */
final class Rig implements AutoCloseable, Devices {
    static final int RW = 3;
    private static final long MEMORY = 256L << 20;
    private static final int CAPABILITY = 0x40;
    private static final int MSI = 0x64;
    private static final String FUNCTION = "0000:00:00.2";

    private final HeapMemory memory;
    private final UnitArena arena;
    private final InterruptController interrupts = new InterruptController("rig");
    private final sluicegate.sim.amdvi.AmdviUnit model;
    private final TestConfig config = new TestConfig();
    private final List<FirmwareRegion> regions = new ArrayList<>();
    private UnaryOperator<RegisterWindow> registerView = UnaryOperator.identity();
    private UnaryOperator<PhysicalMemory> memoryView = UnaryOperator.identity();
    private UnaryOperator<MemoryArena> arenaView = UnaryOperator.identity();
    final Sink sink = new Sink();
    /** What devices were told: {@code flush 0118 -1 1000+2000}, {@code answer 0118 5 3 0}. */
    final List<String> told = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, String> properties = new HashMap<>(
            Map.of("pci-function", FUNCTION, "capability-offset", "0x40", "ivhd-flags", "0x30"));
    private volatile boolean deaf;
    private boolean held;
    private PagingTables tables = PagingTables.HOST;

    Rig(AmdviFeatures features) {
        var map = new AddressMap(List.of(new AddressMap.Range(0, MEMORY)));
        memory = new HeapMemory(map);
        arena = new UnitArena("ivhd0", memory, new PageAllocator(map, List.of()));
        var place = new UnitPlace(null, "ivhd0", 0xfed8_0000L, 0);
        var capabilities = sluicegate.sim.amdvi.AmdviCapabilities.of(features);
        model = new sluicegate.sim.amdvi.AmdviUnit(place, capabilities, memory, arena, interrupts);
        model.connect(this);
        config.capability(MSI, CapabilityId.MSI, 0x0080).capability(CAPABILITY, CapabilityId.SECURE_DEVICE, 0);
        config.set32(CAPABILITY, (int) capabilities.header() & ~0xff00 | config.read32(CAPABILITY) & 0xff00);
        config.onWrite(offset -> model.messages().configure((config.read16(MSI + 2) & 1) != 0,
                Integer.toUnsignedLong(config.read32(MSI + 4)), config.read16(MSI + 12)));
    }

    /** All that the model has, but for a cache of what is not present. */
    static Rig full() {
        return new Rig(new AmdviFeatures(EnumSet.complementOf(EnumSet.of(AmdviFlag.NOT_PRESENT_CACHE)), 6, 5, 3, 20, 48, 8));
    }

    /** Host tables of four levels and nothing else, not even a command that forgets everything. */
    static Rig minimal() {
        return new Rig(new AmdviFeatures(EnumSet.noneOf(AmdviFlag.class), 4, 4, 1, 0, 48, 1));
    }

    static Rig with(AmdviFlag... flags) {
        var set = EnumSet.noneOf(AmdviFlag.class);
        Collections.addAll(set, flags);
        boolean guest = set.contains(AmdviFlag.GUEST_TRANSLATION);
        return new Rig(new AmdviFeatures(set, 6, 4, guest ? 2 : 1, guest ? 16 : 0, 48, 1));
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

    /** What firmware says of the unit. */
    Rig property(String key, String value) {
        properties.put(key, value);
        return this;
    }

    Rig region(FirmwareRegion region) {
        regions.add(region);
        return this;
    }

    /** From now on the driver finds the unit as one that an earlier driver has left translating for it. */
    Rig held() {
        held = true;
        return this;
    }

    /** From now on the driver is one that has such tables for what asks for nothing else. */
    Rig tables(PagingTables chosen) {
        tables = chosen;
        return this;
    }

    /** From now on no device answers an invalidation. */
    void silenceDevices(boolean silent) {
        deaf = silent;
    }

    /** Binds the driver. Its clock goes a millisecond with each look, and its patience is a second, so that no test waits. */
    AmdviUnit start() {
        var clock = new AtomicLong();
        return (AmdviUnit) new AmdviDriver("amd-vi", new Patience(1_000_000_000L, () -> clock.addAndGet(1_000_000L)), tables).probe(context());
    }

    /** Binds the driver with the time of the world. */
    AmdviUnit startInRealTime() {
        return (AmdviUnit) new AmdviDriver("amd-vi", 20_000, tables).probe(context());
    }

    ProbeContext context() {
        var function = mock(PciFunction.class);
        doReturn(FUNCTION).when(function).name();
        doReturn(config).when(function).config();
        var bus = mock(Bus.class);
        doReturn(List.of(function)).when(bus).devices();
        var machine = mock(Machine.class);
        doReturn(List.of(bus)).when(machine).buses();
        var parts = new TestUnit.Parts(registerView.apply(model.registers()), memoryView.apply(memory), arenaView.apply(arena),
                interrupts, regions);
        return new TestProbe(new TestUnit("ivhd0", "amd,iommu", 0xfed8_0000L, parts, properties) {
            @Override
            public Machine machine() {
                return machine;
            }
        }, sink, held);
    }

    sluicegate.sim.amdvi.AmdviUnit model() {
        return model;
    }

    HeapMemory memory() {
        return memory;
    }

    UnitArena arena() {
        return arena;
    }

    RegisterWindow registers() {
        return model.registers();
    }

    /** What becomes of a read of the device: a physical address, or something negative. */
    long read(int deviceId, long iova) {
        return read(deviceId, Pasid.NONE, iova);
    }

    long read(int deviceId, int pasid, long iova) {
        return model.translate(deviceId, pasid, iova, RequestAccess.READ);
    }

    long write(int deviceId, long iova) {
        return model.translate(deviceId, Pasid.NONE, iova, RequestAccess.WRITE);
    }

    /** A probed device with these ids. */
    static TestDevice device(AmdviUnit unit, String name, int... ids) {
        return probed(unit, new TestDevice(name), ids);
    }

    static TestDevice probed(AmdviUnit unit, TestDevice device, int... ids) {
        for (int id : ids) {
            unit.ofXlate(device, List.of(id, 0));
        }
        unit.probeDevice(device);
        return device;
    }

    static HostDomain host(AmdviUnit unit, TestDevice device) {
        return (HostDomain) unit.domainAllocPaging(device, Set.of());
    }

    static GuestDomain guest(AmdviUnit unit, TestDevice device) {
        return (GuestDomain) unit.domainAllocPaging(device, Set.of(AllocFlag.PASID));
    }

    /** As the core does: map and make visible. */
    static void map(DriverDomain domain, long iova, long address, long pages, int prot) {
        if (domain.mapPages(iova, address, 4096, pages, prot) != pages * 4096) {
            throw new AssertionError("no memory");
        }
        domain.iotlbSyncMap(iova, pages * 4096);
    }

    static void unmap(DriverDomain domain, long iova, long pages) {
        var gather = new sluicegate.api.driver.IotlbGather();
        domain.unmapPages(iova, 4096, pages, gather);
        domain.iotlbSync(gather);
    }

    @Override
    public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
        told.add(String.format("flush %04x %d %x+%x", requesterId, pasid, address, size));
        return !deaf;
    }

    @Override
    public void respond(int requesterId, int pasid, int group, int code) {
        told.add(String.format("answer %04x %d %d %d", requesterId, pasid, group, code));
    }

    @Override
    public void close() {
        interrupts.close();
    }
}
