package sluicegate.qemu;

import java.util.List;
import java.util.Map;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;

/** A unit of a QEMU machine. Thread-safe. */
final class QemuUnit implements IommuUnit {
    private final Machine machine;
    private final UnitPlan.Unit plan;
    private final int segment;
    private final Parts parts;

    /** What it is reached and served by. */
    record Parts(RegisterWindow registers, PhysicalMemory memory, MemoryArena arena, Interrupts interrupts,
            List<FirmwareRegion> firmwareRegions) {}

    /** @param segment on the platform */
    QemuUnit(Machine machine, UnitPlan.Unit plan, int segment, Parts parts) {
        this.machine = machine;
        this.plan = plan;
        this.segment = segment;
        this.parts = parts;
    }

    @Override
    public String name() {
        return plan.name();
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public String compatible() {
        return plan.compatible();
    }

    @Override
    public long baseAddress() {
        return plan.base();
    }

    @Override
    public int segment() {
        return segment;
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
        return plan.properties();
    }

    @Override
    public List<FirmwareRegion> firmwareRegions() {
        return parts.firmwareRegions();
    }

    @Override
    public String toString() {
        return plan.name();
    }
}
