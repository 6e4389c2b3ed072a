package sluicegate.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.DmarScopes;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.VtdFeatures;
import sluicegate.machine.firmware.DmarMemory;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.pci.PciBus;
import sluicegate.sim.unit.UnitModel;
import sluicegate.sim.vtd.VtdCapabilities;
import sluicegate.sim.vtd.VtdUnit;

/** Builds the parts of a machine from its description and plugs them together. */
final class MachineAssembly {
    private static final long INTERRUPT_RANGE_END = 0xfef0_0000L;
    private static final int MIN_HOST_ADDRESS_WIDTH = 32;

    private final MachineDescription described;
    private final SegmentBase segments;
    private final HeapMemory memory;
    private final PageAllocator pages;
    private final InterruptController interrupts;
    private final Map<Dmar.Drhd, VtdUnit> units = new LinkedHashMap<>();
    private final PciBus pci;
    private final List<String> warnings;

    MachineAssembly(EmbeddedMachine machine, MachineDescription described, int segment) {
        this.described = described;
        this.segments = new SegmentBase(segment);
        this.warnings = new ArrayList<>(described.warnings());
        memory = buildMemory();
        pages = new PageAllocator(memory.map(), described.dmar().map(DmarMemory::ranges).orElse(List.of()));
        // From here on there is a thread that has to end if something fails.
        interrupts = new InterruptController(machine.name());
        try {
            buildUnits(machine);
            pci = new PciBus(machine, memory, interrupts, described.pci(), segments, wiring());
        } catch (RuntimeException e) {
            interrupts.close();
            throw e;
        }
    }

    private HeapMemory buildMemory() {
        try {
            var map = new AddressMap(described.memory().stream()
                    .map(range -> new AddressMap.Range(range.start(), range.length())).toList());
            for (var range : map.ranges()) {
                if (range.start() < INTERRUPT_RANGE_END && range.limit() > InterruptController.BASE) {
                    throw IommuException.of(Errno.EINVAL, "Memory %s covers the interrupt address range %s; leave a hole there, "
                            + "such as memory = 0-2G, 4G-6G", Hex.range(range.start(), range.length()),
                            Hex.range(InterruptController.BASE, INTERRUPT_RANGE_END - InterruptController.BASE));
                }
            }
            return new HeapMemory(map);
        } catch (IommuException e) {
            throw new IommuException(e.errno(), "Machine " + described.name() + ": " + e.getMessage(), e);
        }
    }

    private void buildUnits(EmbeddedMachine machine) {
        if (described.dmar().isEmpty()) {
            return;
        }
        var dmar = described.dmar().get();
        if (dmar.hostAddressWidth() < MIN_HOST_ADDRESS_WIDTH) {
            throw IommuException.of(Errno.EINVAL, "%s: a host address width of %d bits is too small; physical addresses have at "
                    + "least %d", dmar.file(), dmar.hostAddressWidth(), MIN_HOST_ADDRESS_WIDTH);
        }
        if (dmar.hostAddressWidth() < Long.SIZE && memory.map().limit() > 1L << dmar.hostAddressWidth()) {
            warnings.add(String.format("%s: memory ends at %s, beyond the host address width of %d bits; no table entry can lead "
                    + "there", dmar.file(), Hex.of(memory.map().limit() - 1), dmar.hostAddressWidth()));
        }
        var reserved = new DmarMemory(dmar, described.dmarScopes().orElseThrow(), described.pci());
        for (int i = 0; i < dmar.units().size(); i++) {
            var drhd = dmar.units().get(i);
            var features = i < described.vtd().size() ? described.vtd().get(i) : VtdFeatures.DEFAULT;
            var name = "dmar" + i;
            var properties = new LinkedHashMap<String, String>();
            dmar.proximityDomain(drhd).ifPresent(node -> properties.put("numa-node", Integer.toString(node)));
            var place = new VtdUnit.Place(machine, name, drhd.base(), drhd.registerSize(), segments.onPlatform(drhd.segment()),
                    properties, reserved.regionsOf(drhd, segments, memory, warnings::add));
            units.put(drhd, new VtdUnit(place, VtdCapabilities.of(features, dmar.hostAddressWidth()), memory,
                    new UnitArena(name, memory, pages), interrupts));
        }
    }

    private PciBus.Wiring wiring() {
        return new PciBus.Wiring() {
            @Override
            public Optional<UnitModel> unitOf(PciAddress function) {
                return described.dmarScopes().flatMap(scopes -> scopes.unitOfRequester(function)).map(units::get);
            }

            @Override
            public boolean atsAllowed(PciAddress function) {
                return described.dmarScopes().map((DmarScopes scopes) -> scopes.atsAllowed(function)).orElse(false);
            }
        };
    }

    HeapMemory memory() {
        return memory;
    }

    PageAllocator pages() {
        return pages;
    }

    InterruptController interrupts() {
        return interrupts;
    }

    List<VtdUnit> units() {
        return List.copyOf(units.values());
    }

    PciBus pci() {
        return pci;
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }
}
