package sluicegate.machine.unit;

import java.util.List;
import java.util.Map;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;

/** A unit at its place, all but its registers. Immutable. */
public abstract class PlacedUnit implements IommuUnit {
    private final UnitPlace place;
    private final String compatible;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final Interrupts interrupts;

    /**
     * @param compatible by which drivers know its kind
     * @param arena where its driver takes memory from
     */
    protected PlacedUnit(UnitPlace place, String compatible, PhysicalMemory memory, MemoryArena arena, Interrupts interrupts) {
        this.place = place;
        this.compatible = compatible;
        this.memory = memory;
        this.arena = arena;
        this.interrupts = interrupts;
    }

    @Override
    public final String name() {
        return place.name();
    }

    @Override
    public final Machine machine() {
        return place.machine();
    }

    @Override
    public final String compatible() {
        return compatible;
    }

    @Override
    public final long baseAddress() {
        return place.baseAddress();
    }

    @Override
    public final int segment() {
        return place.segment();
    }

    @Override
    public final PhysicalMemory memory() {
        return memory;
    }

    @Override
    public final MemoryArena arena() {
        return arena;
    }

    @Override
    public final Interrupts interrupts() {
        return interrupts;
    }

    @Override
    public final Map<String, String> properties() {
        return place.properties();
    }

    @Override
    public final List<FirmwareRegion> firmwareRegions() {
        return place.firmwareRegions();
    }

    @Override
    public final String toString() {
        return place.name();
    }
}
