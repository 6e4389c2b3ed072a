package sluicegate.inspect.groups;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.UnitDescription;
import sluicegate.machine.firmware.FirmwareWiring;
import sluicegate.machine.firmware.SegmentBase;

/**
 * A machine that is only described: its functions can be looked at and nothing can be done with it. ACS is on as far as each
 * function offers it, as a kernel switches it on that finds an IOMMU ({@code pci_enable_acs}).
 */
final class PaperMachine implements Machine {
    private final MachineDescription description;
    private final List<IommuUnit> units;
    private final Map<PciAddress, PaperFunction> functions = new TreeMap<>();
    private final PaperBus bus = new PaperBus();
    private final Map<PaperFunction, UnitDescription> unitsInFront = new IdentityHashMap<>();

    PaperMachine(MachineDescription description) {
        this.description = description;
        this.units = description.units().stream().<IommuUnit>map(PaperUnit::new).toList();
        var tree = description.pci();
        // Bridges come before what is behind them.
        for (var node : tree.functions()) {
            var upstream = tree.parent(node).map(bridge -> functions.get(bridge.address()));
            var function = new PaperFunction(bus, node.image(), upstream, tree.physicalFunction(node) != node);
            functions.put(node.address(), function);
            function.enableAcs();
        }
        var controllers = functions.values().stream().filter(PaperFunction::makesSegments).toList();
        functions.values().stream().filter(function -> function.address().segment() > 0xffff && controllers.size() == 1)
                .forEach(function -> function.sentBy(controllers.get(0)));
        var wiring = new FirmwareWiring(description, new SegmentBase(0));
        functions.values().forEach(function -> inFront(wiring, function).ifPresent(unit -> unitsInFront.put(function, unit)));
    }

    MachineDescription described() {
        return description;
    }

    Collection<PaperFunction> functions() {
        return functions.values();
    }

    Optional<PaperFunction> function(PciAddress address) {
        return Optional.ofNullable(functions.get(address));
    }

    /** The functions that have a unit in front of them, and so a group. */
    List<PaperFunction> translated() {
        return functions.values().stream().filter(unitsInFront::containsKey).toList();
    }

    /** The unit in front of a function, as far as firmware makes sense about it. */
    Optional<UnitDescription> unitOf(PaperFunction function) {
        return Optional.ofNullable(unitsInFront.get(function));
    }

    private static Optional<UnitDescription> inFront(FirmwareWiring wiring, PaperFunction function) {
        try {
            return wiring.identityOf((PaperFunction) function.dmaSource()).map(FirmwareWiring.Identity::unit);
        } catch (IommuException e) {
            return Optional.empty();
        }
    }

    private static IommuException onPaper() {
        return new IommuException(Errno.EOPNOTSUPP, "This machine is only described: boot it to do something with it");
    }

    @Override
    public String name() {
        return description.name();
    }

    @Override
    public String kind() {
        return "paper";
    }

    @Override
    public String description() {
        return description.description();
    }

    @Override
    public PhysicalMemory memory() {
        throw onPaper();
    }

    @Override
    public long allocate(long size) {
        throw onPaper();
    }

    @Override
    public void free(long address) {
        throw onPaper();
    }

    @Override
    public List<IommuUnit> units() {
        return units;
    }

    @Override
    public List<Bus> buses() {
        return List.of(bus);
    }

    @Override
    public List<String> warnings() {
        return description.warnings();
    }

    @Override
    public void powerOff() {
        // It is off.
    }

    /** Its functions. */
    private final class PaperBus implements Bus {
        @Override
        public String type() {
            return "pci";
        }

        @Override
        public Machine machine() {
            return PaperMachine.this;
        }

        @Override
        public Collection<? extends BusDevice> devices() {
            return new ArrayList<>(functions.values());
        }

        @Override
        public Subscription subscribe(Listener listener) {
            throw onPaper();
        }

        @Override
        public Optional<DmaDescription> dmaConfigure(BusDevice device) {
            return Optional.empty();
        }
    }

    /** What tells whose hardware it is. */
    private final class PaperUnit implements IommuUnit {
        private final UnitDescription unit;

        PaperUnit(UnitDescription unit) {
            this.unit = unit;
        }

        @Override
        public String name() {
            return unit.name();
        }

        @Override
        public Machine machine() {
            return PaperMachine.this;
        }

        @Override
        public String compatible() {
            if (unit instanceof UnitDescription.Vtd) {
                return "intel,vtd";
            }
            if (unit instanceof UnitDescription.Other other) {
                return other.compatible();
            }
            return unit instanceof UnitDescription.Amdvi ? "amd,iommu" : "arm,smmu-v3";
        }

        @Override
        public long baseAddress() {
            return unit.base();
        }

        @Override
        public int segment() {
            return 0;
        }

        @Override
        public RegisterWindow registers() {
            throw onPaper();
        }

        @Override
        public PhysicalMemory memory() {
            throw onPaper();
        }

        @Override
        public MemoryArena arena() {
            throw onPaper();
        }

        @Override
        public Interrupts interrupts() {
            throw onPaper();
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
}
