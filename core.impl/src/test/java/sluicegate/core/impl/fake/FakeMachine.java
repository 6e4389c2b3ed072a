package sluicegate.core.impl.fake;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** A machine made by hand: units, a PCI bus and a platform bus. */
public final class FakeMachine implements Machine {
    public final List<IommuUnit> units = new ArrayList<>();
    public final FakeBus bus = new FakeBus(this, "pci");
    public final FakeBus platform = new FakeBus(this, "platform");
    public boolean off;
    /** Where memory was allocated and not freed; it has addresses and no contents. */
    public final Set<Long> allocated = new LinkedHashSet<>();
    private long next = 0x10_0000;
    private final String name;

    public FakeMachine(String name) {
        this.name = name;
    }

    /** A unit that can be asked what it would do. */
    public FakeModel model(String unitName) {
        var unit = new FakeModel(this, unitName);
        units.add(unit);
        return unit;
    }

    public FakeUnit unit(String unitName) {
        var unit = new FakeUnit(this, unitName);
        units.add(unit);
        return unit;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return "fake";
    }

    @Override
    public String description() {
        return "made by a test";
    }

    @Override
    public PhysicalMemory memory() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long allocate(long size) {
        long address = next;
        next += size;
        allocated.add(address);
        return address;
    }

    @Override
    public void free(long address) {
        if (!allocated.remove(address)) {
            throw IommuException.of(Errno.EINVAL, "Nothing is allocated at 0x%x", address);
        }
    }

    @Override
    public List<IommuUnit> units() {
        return List.copyOf(units);
    }

    @Override
    public List<Bus> buses() {
        return List.of(bus, platform);
    }

    @Override
    public List<String> warnings() {
        return List.of();
    }

    @Override
    public void powerOff() {
        off = true;
    }
}
