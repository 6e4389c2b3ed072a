package sluicegate.sim;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.MachineParts;
import sluicegate.firmware.MemoryRange;
import sluicegate.machine.PublishableMachine;
import sluicegate.machine.memory.DataAllocator;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.pci.PciBus;
import sluicegate.sim.platform.PlatformBus;
import sluicegate.sim.unit.UnitModel;
import sluicegate.sim.vtd.VtdUnit;

/**
 * A machine inside this process: heap memory, a PCI fabric and models of its units. It needs no framework; the factory puts it
 * on the service registry. Thread-safe.
 */
public final class EmbeddedMachine implements PublishableMachine {
    /** {@link #kind} of such machines. */
    public static final String KIND = "embedded";

    private final String name;
    private final String description;
    private final HeapMemory memory;
    private final DataAllocator data;
    private final InterruptController interrupts;
    private final List<UnitModel> units;
    private final List<PciBus> pci;
    private final List<PlatformBus> platform;
    private final List<String> warnings;
    private final AtomicBoolean on = new AtomicBoolean(true);
    private volatile Runnable withdrawal = () -> { };

    private EmbeddedMachine(String name, String description, List<MemoryRange> memory, List<MachineDescription> described,
            int segment) {
        this.name = name;
        this.description = description;
        var assembly = new MachineAssembly(this, memory, described, segment);
        this.memory = assembly.memory();
        this.data = new DataAllocator(this.memory, assembly.pages());
        this.interrupts = assembly.interrupts();
        this.units = assembly.parts().stream().flatMap(part -> part.units().stream()).toList();
        this.pci = assembly.parts().stream().map(PartAssembly::pci).toList();
        this.platform = assembly.parts().stream().flatMap(part -> part.platform().stream()).toList();
        this.warnings = assembly.warnings();
    }

    /**
     * Boots a machine without publishing it.
     *
     * @param name unique among running machines
     * @param segment the PCI segment number that the description's segment 0 gets
     * @throws IommuException EINVAL if the description can't be built
     */
    public static EmbeddedMachine boot(MachineDescription description, String name, int segment) {
        return new EmbeddedMachine(name, description.description(), description.memory(), List.of(description), segment);
    }

    /**
     * Boots a machine that is made of several without publishing it.
     *
     * @param described the parts, in the order of {@link MachineParts#parts}
     * @param name unique among running machines
     * @param segment the PCI segment number that the first part's segment 0 gets
     * @throws IommuException EINVAL if a description can't be built
     */
    public static EmbeddedMachine boot(MachineParts parts, List<MachineDescription> described, String name, int segment) {
        return new EmbeddedMachine(name, parts.description(), parts.memory(), described, segment);
    }

    @Override
    public void onPowerOff(Runnable action) {
        withdrawal = action;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public PhysicalMemory memory() {
        return memory;
    }

    @Override
    public long allocate(long size) {
        return data.allocate(size);
    }

    @Override
    public void free(long address) {
        data.free(address);
    }

    @Override
    public List<IommuUnit> units() {
        return List.copyOf(units);
    }

    /** Its units as the models that they are. */
    public List<UnitModel> models() {
        return units;
    }

    /** Its units that are VT-d. */
    public List<VtdUnit> vtdUnits() {
        return units.stream().filter(VtdUnit.class::isInstance).map(VtdUnit.class::cast).toList();
    }

    @Override
    public List<Bus> buses() {
        return Stream.<Bus>concat(pci.stream(), platform.stream()).toList();
    }

    /**
     * Its PCI bus, with hot plug; that of its first part if it has several. The devices that no bus discovers are on another
     * one, if there are such.
     */
    public PciBus pci() {
        return pci.get(0);
    }

    @Override
    public List<String> warnings() {
        return warnings;
    }

    @Override
    public void powerOff() {
        if (on.compareAndSet(true, false)) {
            try {
                withdrawal.run();
            } finally {
                pci.forEach(PciBus::powerOff);
                platform.forEach(PlatformBus::powerOff);
                units.forEach(UnitModel::powerOff);
                interrupts.close();
            }
        }
    }

    @Override
    public String toString() {
        return name + " (" + KIND + ")";
    }
}
