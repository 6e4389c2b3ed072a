package sluicegate.capture;

import java.util.List;
import java.util.Map;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Access;
import sluicegate.api.types.Translation;

/** A unit of a capture: what it held, and a model that walks its tables. Thread-safe. */
final class CapturedUnit implements IommuUnit, TranslationProbe {
    private final Identity identity;
    private final RegisterWindow registers;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final Interrupts interrupts;
    private final List<FirmwareRegion> reserved;
    private final TranslationProbe model;

    /**
     * Which unit it is.
     *
     * @param name in its machine
     * @param compatible a constant of {@link sluicegate.capture.facts.KernelFacts}
     * @param baseAddress of its registers
     * @param segment on the platform
     */
    record Identity(Machine machine, String name, String compatible, long baseAddress, int segment) {}

    /** @param reserved what devices behind it may not map, as the kernel had it */
    CapturedUnit(Identity identity, RegisterWindow registers, PhysicalMemory memory, List<FirmwareRegion> reserved,
            TranslationProbe model) {
        this.identity = identity;
        this.registers = registers;
        this.memory = memory;
        this.arena = ReadOnly.arena(identity.name());
        this.interrupts = ReadOnly.interrupts(identity.name());
        this.reserved = List.copyOf(reserved);
        this.model = model;
    }

    @Override
    public Translation probe(int requesterId, int pasid, long iova, Access access) {
        return model.probe(requesterId, pasid, iova, access);
    }

    @Override
    public String name() {
        return identity.name();
    }

    @Override
    public Machine machine() {
        return identity.machine();
    }

    @Override
    public String compatible() {
        return identity.compatible();
    }

    @Override
    public long baseAddress() {
        return identity.baseAddress();
    }

    @Override
    public int segment() {
        return identity.segment();
    }

    @Override
    public RegisterWindow registers() {
        return registers;
    }

    @Override
    public PhysicalMemory memory() {
        return memory;
    }

    @Override
    public MemoryArena arena() {
        return arena;
    }

    @Override
    public Interrupts interrupts() {
        return interrupts;
    }

    @Override
    public Map<String, String> properties() {
        return Map.of();
    }

    @Override
    public List<FirmwareRegion> firmwareRegions() {
        return reserved;
    }

    @Override
    public String toString() {
        return identity.name();
    }
}
