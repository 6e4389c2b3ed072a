package sluicegate.judge.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Fault;
import sluicegate.api.Unit;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Pasid;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.hw.common.rig.ScarceArena;
import sluicegate.judge.run.DriverTap;
import sluicegate.judge.run.DriverView;

/** A machine with a core and the driver of its kind, and a device that issues DMA. Used by one thread. */
final class Board implements AutoCloseable {
    private static final String DEVICE = "0000:00:05.0";

    final IommuCore core = new IommuCore();
    final Machine machine;
    private final Kind kind;
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private ScarceArena arena;
    private DriverTap tap;
    private DriverEntry entry;

    /** Boots it; the driver comes later. */
    Board(Kind kind) {
        this.kind = kind;
        machine = kind.boot();
        core.addListener(faults::add);
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
    }

    /** Binds the driver and waits until devices are ready. */
    Board bind() {
        return bind(Long.MAX_VALUE);
    }

    /** @param allocations how many of the driver's succeed before one fails */
    Board bind(long allocations) {
        var view = kind.view();
        tap = new DriverTap(kind.driver.get(), new DriverView(view.memory(), view.registers(), real -> {
            arena = new ScarceArena(real);
            arena.failAfter(allocations);
            return arena;
        }));
        entry = new DriverEntry(tap, tap.name(), "conformance", "0", 0, 0, List.of(kind.compatible));
        core.addDriver(entry);
        core.awaitProbed(machine, Duration.ofSeconds(20));
        return this;
    }

    /** The driver leaves: what it does with its unit is the core's policy. */
    void unbind() {
        core.removeDriver(entry);
    }

    ScarceArena arena() {
        return arena;
    }

    Unit unit() {
        return core.units().get(0);
    }

    Device device() {
        return core.device(DEVICE);
    }

    /** The unit's own domain, such as {@code identity}. */
    Domain own(String name) {
        return core.domain(unit().name() + "-" + name);
    }

    long arenaBytes() {
        return machine.units().stream().map(IommuUnit::arena).mapToLong(each -> each.allocatedBytes()).sum();
    }

    /** Reads as the device; null if it was refused. */
    Byte read(long iova) {
        return read(Pasid.NONE, iova);
    }

    Byte read(int pasid, long iova) {
        byte[] data = new byte[1];
        var status = device().busDevice().dma().read(pasid, iova, data, 0, 1);
        return status == DmaStatus.OK ? data[0] : null;
    }

    DmaStatus write(long iova, int value) {
        return device().busDevice().dma().write(Pasid.NONE, iova, new byte[] {(byte) value}, 0, 1);
    }

    /** Memory of so many bytes, aligned to its size, of which each page begins with its number. */
    long numbered(long size, long page) {
        long address = machine.allocate(size);
        for (long at = 0; at < size; at += page) {
            machine.memory().write(address + at, new byte[] {(byte) (1 + at / page)}, 0, 1);
        }
        return address;
    }

    byte memory(long address) {
        byte[] data = new byte[1];
        machine.memory().read(address, data, 0, 1);
        return data[0];
    }

    /** What the driver has reported of what happened until now; none is reported twice. */
    List<Fault> takeFaults() {
        tap.settle();
        var taken = new ArrayList<Fault>();
        for (var fault = faults.poll(); fault != null; fault = faults.poll()) {
            taken.add(fault);
        }
        return taken;
    }

    /** The same, once there is something; an interrupt may be bringing it just now. Not for ever. */
    List<Fault> awaitFaults() {
        long deadline = System.nanoTime() + 10_000_000_000L;
        var taken = takeFaults();
        while (taken.isEmpty() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
            taken = takeFaults();
        }
        return taken;
    }

    @Override
    public void close() {
        core.close();
        machine.powerOff();
    }
}
