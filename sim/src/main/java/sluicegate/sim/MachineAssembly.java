package sluicegate.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.DmarScopes;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.PciTree;
import sluicegate.firmware.VtdFeatures;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.memory.AddressMap;
import sluicegate.sim.memory.HeapMemory;
import sluicegate.sim.memory.PageAllocator;
import sluicegate.sim.memory.UnitArena;
import sluicegate.sim.pci.PciBus;
import sluicegate.sim.vtd.VtdCapabilities;
import sluicegate.sim.vtd.VtdUnit;
import sluicegate.spec.pci.ConfigHeader;

/** Builds the parts of a machine from its description and plugs them together. */
final class MachineAssembly {
    private static final long PAGE = 4096;
    private static final long INTERRUPT_RANGE_END = 0xfef0_0000L;
    private static final int MIN_HOST_ADDRESS_WIDTH = 32;
    /** Base classes and subclasses whose reserved memory the kernel lets go of: graphics and USB. */
    private static final int CLASS_DISPLAY = 0x03;
    private static final int CLASS_USB = 0x0c03;

    private final MachineDescription described;
    private final int segment;
    private final HeapMemory memory;
    private final PageAllocator pages;
    private final InterruptController interrupts;
    private final Map<Dmar.Drhd, VtdUnit> units = new LinkedHashMap<>();
    private final PciBus pci;
    private final List<String> warnings;

    MachineAssembly(EmbeddedMachine machine, MachineDescription described, int segment) {
        this.described = described;
        this.segment = segment;
        this.warnings = new ArrayList<>(described.warnings());
        memory = buildMemory();
        pages = new PageAllocator(memory.map(), reservedMemory());
        // From here on there is a thread that has to end if something fails.
        interrupts = new InterruptController(machine.name());
        try {
            buildUnits(machine);
            pci = new PciBus(machine, memory, interrupts, described.pci(), segment, wiring());
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

    /** Memory that firmware gave to devices is nobody else's. */
    private List<AddressMap.Range> reservedMemory() {
        var ranges = new ArrayList<AddressMap.Range>();
        described.dmar().ifPresent(dmar -> dmar.reservedMemory().stream().filter(MachineAssembly::isRange)
                .forEach(rmrr -> ranges.add(new AddressMap.Range(rmrr.base(), rmrr.end() - rmrr.base() + 1))));
        return ranges;
    }

    /** Whole pages and not empty (the kernel's {@code rmrr_sanity_check}, whose complaint is firmware's reader's). */
    private static boolean isRange(Dmar.Rmrr rmrr) {
        return rmrr.base() >= 0 && rmrr.end() > rmrr.base() && rmrr.base() % PAGE == 0 && (rmrr.end() + 1) % PAGE == 0;
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
        for (int i = 0; i < dmar.units().size(); i++) {
            var drhd = dmar.units().get(i);
            var features = i < described.vtd().size() ? described.vtd().get(i) : VtdFeatures.DEFAULT;
            var name = "dmar" + i;
            var properties = new LinkedHashMap<String, String>();
            dmar.proximityDomain(drhd).ifPresent(node -> properties.put("numa-node", Integer.toString(node)));
            var place = new VtdUnit.Place(machine, name, drhd.base(), drhd.registerSize(), segment + drhd.segment(),
                    properties, firmwareRegions(dmar, drhd));
            units.put(drhd, new VtdUnit(place, VtdCapabilities.of(features, dmar.hostAddressWidth()), memory,
                    new UnitArena(name, memory, pages), interrupts));
        }
    }

    private List<FirmwareRegion> firmwareRegions(Dmar dmar, Dmar.Drhd unit) {
        var regions = new ArrayList<FirmwareRegion>();
        for (var rmrr : dmar.reservedMemory()) {
            var direct = new LinkedHashSet<String>();
            var relaxable = new LinkedHashSet<String>();
            for (var function : devicesBehind(rmrr, unit)) {
                (isRelaxable(function) ? relaxable : direct).add(onPlatform(function).toString());
            }
            if (!isRange(rmrr)) {
                continue;
            }
            if (!memory.contains(rmrr.base(), rmrr.end() - rmrr.base() + 1) && !(direct.isEmpty() && relaxable.isEmpty())) {
                warnings.add(String.format("%s, offset %s: reserved memory %s is not in this machine's memory; devices that "
                        + "use it reach nothing", dmar.file(), Hex.of(rmrr.offset()),
                        Hex.range(rmrr.base(), rmrr.end() - rmrr.base() + 1)));
            }
            add(regions, rmrr, ReservedRegion.Type.DIRECT, direct);
            add(regions, rmrr, ReservedRegion.Type.DIRECT_RELAXABLE, relaxable);
        }
        return regions;
    }

    private List<PciAddress> devicesBehind(Dmar.Rmrr rmrr, Dmar.Drhd unit) {
        return described.dmarScopes().map(scopes -> scopes.devicesOf(rmrr).stream()
                .filter(function -> scopes.unitOf(function).filter(unit::equals).isPresent())
                .sorted().toList()).orElse(List.of());
    }

    /** The kernel's {@code device_rmrr_is_relaxable}. */
    private boolean isRelaxable(PciAddress function) {
        int classCode = described.pci().find(function)
                .map(PciTree.Node::image)
                .map(image -> image.read32(ConfigHeader.REVISION_ID.offset()) >>> 8).orElse(0);
        return classCode >>> 16 == CLASS_DISPLAY || classCode >>> 8 == CLASS_USB;
    }

    private static void add(List<FirmwareRegion> regions, Dmar.Rmrr rmrr, ReservedRegion.Type type, Set<String> devices) {
        if (!devices.isEmpty()) {
            regions.add(new FirmwareRegion(new ReservedRegion(rmrr.base(), rmrr.end() - rmrr.base() + 1,
                    Prot.READ | Prot.WRITE, type), devices));
        }
    }

    private PciBus.Wiring wiring() {
        return new PciBus.Wiring() {
            @Override
            public Optional<VtdUnit> unitOf(PciAddress function) {
                return described.dmarScopes().flatMap(scopes -> scopes.unitOf(function)).map(units::get);
            }

            @Override
            public boolean atsAllowed(PciAddress function) {
                return described.dmarScopes().map((DmarScopes scopes) -> scopes.atsAllowed(function)).orElse(false);
            }
        };
    }

    private PciAddress onPlatform(PciAddress address) {
        return new PciAddress(segment + address.segment(), address.bus(), address.device(), address.function());
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
