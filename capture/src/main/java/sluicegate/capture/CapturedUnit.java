package sluicegate.capture;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Access;
import sluicegate.api.types.Translation;
import sluicegate.machine.unit.PlacedUnit;
import sluicegate.machine.unit.UnitPlace;

/** A unit of a capture: what it held, and a model that walks its tables. Thread-safe. */
final class CapturedUnit extends PlacedUnit implements TranslationProbe {
    private final RegisterWindow registers;
    private final TranslationProbe model;

    /** @param compatible a constant of {@link sluicegate.capture.facts.KernelFacts} */
    CapturedUnit(UnitPlace place, String compatible, RegisterWindow registers, PhysicalMemory memory, TranslationProbe model) {
        super(place, compatible, memory, ReadOnly.arena(place.name()), ReadOnly.interrupts(place.name()));
        this.registers = registers;
        this.model = model;
    }

    @Override
    public Translation probe(int requesterId, int pasid, long iova, Access access) {
        return model.probe(requesterId, pasid, iova, access);
    }

    @Override
    public RegisterWindow registers() {
        return registers;
    }
}
