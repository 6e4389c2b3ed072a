package sluicegate.qemu;

import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.machine.unit.PlacedUnit;
import sluicegate.machine.unit.UnitPlace;

/** A unit of a QEMU machine. Thread-safe. */
final class QemuUnit extends PlacedUnit {
    private final RegisterWindow registers;

    QemuUnit(UnitPlace place, String compatible, RegisterWindow registers, PhysicalMemory memory, MemoryArena arena,
            Interrupts interrupts) {
        super(place, compatible, memory, arena, interrupts);
        this.registers = registers;
    }

    @Override
    public RegisterWindow registers() {
        return registers;
    }
}
