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
import sluicegate.firmware.UnitDescription;
import sluicegate.machine.firmware.FirmwareUnit;

/** A unit of a QEMU machine. Thread-safe. */
final class QemuUnit implements IommuUnit {
    private final Machine machine;
    private final UnitDescription described;
    private final FirmwareUnit said;
    private final Parts parts;

    /** What it is reached and served by. */
    record Parts(RegisterWindow registers, PhysicalMemory memory, MemoryArena arena, Interrupts interrupts,
            List<FirmwareRegion> firmwareRegions) {}

    /** @param said what firmware says of it */
    QemuUnit(Machine machine, UnitDescription described, FirmwareUnit said, Parts parts) {
        this.machine = machine;
        this.described = described;
        this.said = said;
        this.parts = parts;
    }

    @Override
    public String name() {
        return described.name();
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public String compatible() {
        return said.compatible();
    }

    @Override
    public long baseAddress() {
        return described.base();
    }

    @Override
    public int segment() {
        return said.segment();
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
        return said.properties();
    }

    @Override
    public List<FirmwareRegion> firmwareRegions() {
        return parts.firmwareRegions();
    }

    @Override
    public String toString() {
        return described.name();
    }
}
