package sluicegate.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.MemoryRange;
import sluicegate.firmware.UnitDescription;
import sluicegate.machine.firmware.ReservedMemory;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.sim.interrupt.InterruptController;

/** Builds what a machine consists of from its description, or from the descriptions of its parts over one memory. */
final class MachineAssembly {
    private static final long INTERRUPT_RANGE_END = 0xfef0_0000L;

    private final HeapMemory memory;
    private final PageAllocator pages;
    private final InterruptController interrupts;
    private final List<PartAssembly> parts = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /**
     * @param ranges where memory is
     * @param segment the number on the platform of the first part's segment 0; the others follow
     */
    MachineAssembly(EmbeddedMachine machine, List<MemoryRange> ranges, List<MachineDescription> described, int segment) {
        memory = buildMemory(described.size() == 1 ? described.get(0).name() : machine.name(), ranges);
        pages = new PageAllocator(memory.map(),
                described.stream().flatMap(part -> ReservedMemory.ranges(part).stream()).toList());
        // From here on there is a thread that has to end if something fails.
        interrupts = new InterruptController(machine.name());
        try {
            var common = new PartAssembly.Common(machine, memory, pages, interrupts, warnings::add);
            int next = segment;
            for (var part : described) {
                warnings.addAll(part.warnings());
                parts.add(new PartAssembly(part, next, common));
                next += segments(part);
            }
        } catch (RuntimeException e) {
            interrupts.close();
            throw e;
        }
    }

    /** How many segment numbers a description takes. */
    private static int segments(MachineDescription described) {
        var ofFunctions = described.pci().functions().stream().map(function -> function.address().segment());
        var ofUnits = described.units().stream().map(unit -> unit instanceof UnitDescription.Vtd vtd ? vtd.drhd().segment()
                : unit instanceof UnitDescription.Amdvi amdvi ? amdvi.ivhd().segment() : 0);
        return 1 + Stream.concat(ofFunctions, ofUnits).max(Integer::compare).orElse(0);
    }

    private static HeapMemory buildMemory(String description, List<MemoryRange> ranges) {
        try {
            var map = new AddressMap(ranges.stream()
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
            throw new IommuException(e.errno(), "Machine " + description + ": " + e.getMessage(), e);
        }
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

    /** In the order of the descriptions; at least one. */
    List<PartAssembly> parts() {
        return List.copyOf(parts);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }
}
