package sluicegate.hw.common.rig;

import java.util.List;
import java.util.Map;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;

/** A unit as its platform would hand it to a driver, made of whatever stands between the two. It is in no machine. */
public class TestUnit implements IommuUnit {
    private final String name;
    private final String compatible;
    private final long baseAddress;
    private final Parts parts;
    private final Map<String, String> properties;

    /** What a driver reaches of a unit. */
    public record Parts(RegisterWindow registers, PhysicalMemory memory, MemoryArena arena, Interrupts interrupts,
            List<FirmwareRegion> firmwareRegions) {}

    public TestUnit(String name, String compatible, long baseAddress, Parts parts) {
        this(name, compatible, baseAddress, parts, Map.of());
    }

    /** @param properties what firmware says of it; may change later */
    public TestUnit(String name, String compatible, long baseAddress, Parts parts, Map<String, String> properties) {
        this.properties = properties;
        this.name = name;
        this.compatible = compatible;
        this.baseAddress = baseAddress;
        this.parts = parts;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Machine machine() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String compatible() {
        return compatible;
    }

    @Override
    public long baseAddress() {
        return baseAddress;
    }

    @Override
    public int segment() {
        return 0;
    }

    @Override
    public RegisterWindow registers() {
        return parts.registers();
    }

    @Override
    public PhysicalMemory memory() {
        return parts.memory();
    }

    @Override
    public MemoryArena arena() {
        return parts.arena();
    }

    @Override
    public Interrupts interrupts() {
        return parts.interrupts();
    }

    @Override
    public Map<String, String> properties() {
        return properties;
    }

    @Override
    public List<FirmwareRegion> firmwareRegions() {
        return parts.firmwareRegions();
    }
}
