package sluicegate.sim;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.MachineDescription;
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
    private final PciBus pci;
    private final Optional<PlatformBus> platform;
    private final List<String> warnings;
    private final AtomicBoolean on = new AtomicBoolean(true);
    private volatile Runnable withdrawal = () -> { };

    EmbeddedMachine(MachineDescription described, String name, int segment) {
        this.name = name;
        this.description = described.description();
        var assembly = new MachineAssembly(this, described, segment);
        this.memory = assembly.memory();
        this.data = new DataAllocator(memory, assembly.pages());
        this.interrupts = assembly.interrupts();
        this.units = assembly.units();
        this.pci = assembly.pci();
        this.platform = assembly.platform();
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
        return new EmbeddedMachine(description, name, segment);
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
        return Stream.concat(Stream.<Bus>of(pci), platform.stream()).toList();
    }

    /** Its PCI bus, with hot plug. The devices that no bus discovers are on another one, if there are such. */
    public PciBus pci() {
        return pci;
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
                pci.powerOff();
                platform.ifPresent(PlatformBus::powerOff);
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
