package sluicegate.core.impl.fake;

import java.util.List;
import java.util.Map;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;

/** A unit without hardware. */
public class FakeUnit implements IommuUnit {
    public String compatible = "fake,iommu";
    public int segment;
    private final FakeMachine machine;
    private final String name;

    FakeUnit(FakeMachine machine, String name) {
        this.machine = machine;
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public String compatible() {
        return compatible;
    }

    @Override
    public long baseAddress() {
        return 0xfed90000L;
    }

    @Override
    public int segment() {
        return segment;
    }

    @Override
    public RegisterWindow registers() {
        throw new UnsupportedOperationException();
    }

    @Override
    public PhysicalMemory memory() {
        throw new UnsupportedOperationException();
    }

    @Override
    public MemoryArena arena() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Interrupts interrupts() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, String> properties() {
        return Map.of();
    }

    @Override
    public List<FirmwareRegion> firmwareRegions() {
        return List.of();
    }
}
