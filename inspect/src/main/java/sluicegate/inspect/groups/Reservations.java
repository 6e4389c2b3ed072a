package sluicegate.inspect.groups;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.grouping.PciGroup;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.ReservedRegion.Type;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.UnitDescription;
import sluicegate.inspect.GroupReport.Reserved;
import sluicegate.machine.firmware.PlatformNames;
import sluicegate.machine.firmware.ReservedMemory;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;

/** Which addresses mappings must leave alone, and who says so. */
final class Reservations {
    private static final int RW = Prot.READ | Prot.WRITE;
    /** Messages are sent by writing here on x86 (Intel SDM 11.11.1; AMD 48882 2.1.4.2). */
    private static final ReservedRegion MSI = new ReservedRegion(0xfee0_0000L, 0x10_0000, Prot.WRITE, Type.MSI);
    /** HyperTransport's range for interrupts and configuration (AMD 48882 2.1.4.2). */
    private static final ReservedRegion HYPERTRANSPORT = new ReservedRegion(0xfd_0000_0000L, 0x3_0000_0000L, 0, Type.RESERVED);
    /** Where the kernel maps doorbells of SMMUs' machines (MSI_IOVA_BASE). */
    private static final ReservedRegion DOORBELLS = new ReservedRegion(0x800_0000L, 0x10_0000, Prot.WRITE, Type.SW_MSI);
    /** Floppy controllers behind the LPC bridge may use all of it ({@code intel_iommu_get_resv_regions}). */
    private static final ReservedRegion ISA = new ReservedRegion(0, 16 << 20, RW, Type.DIRECT_RELAXABLE);
    private static final int ISA_BRIDGE = 0x0601;

    private final PaperMachine machine;
    private final List<FirmwareRegion> ofFirmware = new ArrayList<>();

    Reservations(PaperMachine machine) {
        this.machine = machine;
        var described = machine.described();
        var memory = new HeapMemory(new AddressMap(described.memory().stream()
                .map(range -> new AddressMap.Range(range.start(), range.length())).toList()));
        var source = new ReservedMemory(described, new SegmentBase(0), new PlatformNames(described.name()));
        // That it lies outside the memory says nothing here: the machine's real memory is not known.
        described.units().forEach(unit -> ofFirmware.addAll(source.regionsOf(unit, memory, warning -> { })));
    }

    List<Reserved> of(PciGroup group) {
        var all = new ArrayList<Reserved>();
        var names = group.members().stream().map(PciFunction::name).toList();
        for (var region : ofFirmware) {
            var concerned = names.stream().filter(region.devices()::contains).toList();
            if (!concerned.isEmpty()) {
                all.add(new Reserved(region.region(), structure(machine.described()), concerned));
            }
        }
        machine.function(group.members().get(0).address()).flatMap(machine::unitOf).ifPresent(unit -> ofArchitecture(unit, group, all));
        return all;
    }

    private static String structure(MachineDescription described) {
        if (described.dmar().isPresent()) {
            return "RMRR of " + described.dmar().get().file();
        }
        return described.ivrs().map(ivrs -> "IVMD of " + ivrs.file()).or(() -> described.iort().map(iort -> "RMR of " + iort.file()))
                .orElse("device tree");
    }

    private static void ofArchitecture(UnitDescription unit, PciGroup group, List<Reserved> all) {
        if (unit instanceof UnitDescription.Vtd) {
            group.members().stream().filter(function -> function.classCode() >>> 8 == ISA_BRIDGE).findFirst().ifPresent(
                    bridge -> all.add(new Reserved(ISA, "the kernel, for floppies behind the ISA bridge", List.of(bridge.name()))));
            all.add(new Reserved(MSI, "x86: interrupt messages", List.of()));
        } else if (unit instanceof UnitDescription.Amdvi) {
            all.add(new Reserved(MSI, "x86: interrupt messages", List.of()));
            all.add(new Reserved(HYPERTRANSPORT, "AMD: HyperTransport", List.of()));
        } else {
            all.add(new Reserved(DOORBELLS, "the kernel's window for interrupt doorbells", List.of()));
        }
    }
}
