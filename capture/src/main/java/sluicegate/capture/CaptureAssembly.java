package sluicegate.capture;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.capture.facts.KernelFacts;
import sluicegate.capture.files.CaptureFile;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.UnitDescription;
import sluicegate.machine.firmware.FirmwareUnit;
import sluicegate.machine.firmware.FirmwareWiring;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.pci.RequesterIds;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.amdvi.IommuCapability;

/** Builds the parts of a captured machine and plugs them together. */
final class CaptureAssembly {
    /** The largest window that units of the three kinds have. */
    private static final long MAX_WINDOW = 1L << 20;
    private static final int MIN_HOST_ADDRESS_WIDTH = 32;
    private static final int MAX_HOST_ADDRESS_WIDTH = 52;

    private final CapturedMachine machine;
    private final CaptureFolder folder;
    private final CaptureFile file;
    private final SegmentBase segments;
    private final MachineDescription firmware;
    private final CapturedMemory memory;
    private final InterruptController interrupts;
    private final List<String> warnings = new ArrayList<>();
    /** By address of their registers, ascending. */
    private final Map<Long, CapturedUnit> units = new LinkedHashMap<>();
    private final CapturedBus bus;

    CaptureAssembly(CapturedMachine machine, CaptureFolder folder, int segment) {
        this.machine = machine;
        this.folder = folder;
        this.file = folder.file();
        this.segments = new SegmentBase(segment);
        this.firmware = folder.firmware();
        warnings.addAll(firmware.warnings());
        this.memory = new CapturedMemory(folder.name(), folder.memory());
        checkRegisters();
        // From here on there is a thread that has to end if something fails.
        this.interrupts = new InterruptController(folder.name());
        try {
            buildUnits();
            this.bus = new CapturedBus(machine, file, folder.tree(), segments,
                    new Wiring(new FirmwareWiring(firmware, segments)));
            warnAboutOrphans();
        } catch (RuntimeException e) {
            interrupts.close();
            throw e;
        }
    }

    /** Every register that was captured belongs to a unit. */
    private void checkRegisters() {
        for (var address : folder.registers().words().keySet()) {
            boolean known = file.units().stream().anyMatch(base -> Long.compareUnsigned(address, base) >= 0
                    && Long.compareUnsigned(address - base, MAX_WINDOW) < 0);
            if (!known) {
                throw IommuException.of(Errno.EINVAL, "%s: the register at %s belongs to no unit; those of %s are at %s",
                        folder.registers().path(), Hex.of(address), file.path(),
                        file.units().stream().map(Hex::of).collect(Collectors.joining(", ")));
            }
        }
    }

    // ---- units

    private void buildUnits() {
        for (Iterator<Long> bases = file.units().iterator(), ends = file.units().stream().skip(1).iterator(); bases.hasNext();) {
            long base = bases.next();
            long end = ends.hasNext() ? ends.next() : 0;
            var described = firmware.units().stream().filter(unit -> unit.base() == base).findFirst();
            if (described.isEmpty() && file.kind() == CaptureFile.Kind.INTEL_VTD) {
                throw IommuException.of(Errno.EINVAL, "%s: there is a unit at %s, but %s describes none there", file.path(),
                        Hex.of(base), firmware.dmar().orElseThrow().file());
            }
            var name = described.map(UnitDescription::name).orElse(file.kind().unit() + units.size());
            units.put(base, build(name, base, described,
                    new CapturedRegisters(name, base, folder.registers().words(base, end))));
        }
        firmware.units().stream().filter(unit -> !units.containsKey(unit.base())).forEach(unit -> warnings.add(String.format(
                "%s: the unit at %s was not captured", unit.origin(), Hex.of(unit.base()))));
    }

    private CapturedUnit build(String name, long base, Optional<UnitDescription> described, CapturedRegisters registers) {
        int segment = described.map(unit -> new FirmwareUnit(firmware, unit, segments).segment())
                .orElseGet(() -> segments.onPlatform(0));
        var place = new UnitPlace(machine, name, base, segment, Map.of(), reservedBehind(base));
        var compatible = switch (file.kind()) {
            case INTEL_VTD -> KernelFacts.INTEL_VTD;
            case AMD_VI -> KernelFacts.AMD_VI;
            case ARM_SMMUV3 -> KernelFacts.ARM_SMMUV3;
        };
        var models = new UnitModels(machine, name, segment, registers, folder.registers().path(), memory, interrupts);
        TranslationProbe model = switch (file.kind()) {
            case INTEL_VTD -> vtdModel(models, (UnitDescription.Vtd) described.orElseThrow());
            case AMD_VI -> models.amdvi(header(described));
            case ARM_SMMUV3 -> models.smmuv3();
        };
        return new CapturedUnit(place, compatible, registers, memory, model);
    }

    /** From the unit's own function; of a unit whose function was not captured, that of any IOMMU. */
    private long header(Optional<UnitDescription> unit) {
        return unit.map(UnitDescription.Amdvi.class::cast).map(UnitDescription.Amdvi::ivhd)
                .flatMap(ivhd -> folder.tree().find(PciAddress.of(ivhd.segment(), ivhd.deviceId()))
                        .map(node -> Integer.toUnsignedLong(node.image().read32(ivhd.capabilityOffset()))))
                .filter(header -> IommuCapability.CAPID.get(header) == IommuCapability.ID)
                .orElseGet(() -> IommuCapability.EFRSUP.set(IommuCapability.ID, 1));
    }

    private TranslationProbe vtdModel(UnitModels models, UnitDescription.Vtd unit) {
        var dmar = firmware.dmar().orElseThrow();
        if (dmar.hostAddressWidth() < MIN_HOST_ADDRESS_WIDTH) {
            throw IommuException.of(Errno.EINVAL, "%s: a host address width of %d bits is too small; physical addresses have at "
                    + "least %d", dmar.file(), dmar.hostAddressWidth(), MIN_HOST_ADDRESS_WIDTH);
        }
        return models.vtd(unit.registerSize(), Math.min(dmar.hostAddressWidth(), MAX_HOST_ADDRESS_WIDTH));
    }

    private List<FirmwareRegion> reservedBehind(long base) {
        var regions = new ArrayList<FirmwareRegion>();
        for (var group : file.groups()) {
            var members = group.members().stream().filter(member -> baseInFrontOf(member).filter(at -> at == base).isPresent())
                    .map(member -> segments.onPlatform(member).toString())
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            if (!members.isEmpty()) {
                group.reserved().forEach(region -> regions.add(new FirmwareRegion(region, members)));
            }
        }
        return regions;
    }

    // ---- who is behind which

    /** As firmware says; where it says nothing, all of its segment is behind the only unit. */
    private Optional<Long> baseInFrontOf(PciAddress requester) {
        return firmware.inputOf(requester).map(input -> input.unit().base())
                .or(() -> units.values().stream().filter(unit -> units.size() == 1
                        && unit.segment() == segments.onPlatform(requester.segment())).map(CapturedUnit::baseAddress).findFirst());
    }

    /** Addresses are those of the capture. */
    private final class Wiring implements CapturedBus.Wiring {
        private final FirmwareWiring wiring;

        Wiring(FirmwareWiring wiring) {
            this.wiring = wiring;
        }

        @Override
        public Optional<CapturedUnit> unitOf(PciAddress requester) {
            return baseInFrontOf(requester).map(units::get);
        }

        @Override
        public Optional<DmaDescription> identityOf(PciFunction function) {
            return wiring.identityOf(function).filter(said -> units.containsKey(said.unit().base()))
                    .map(said -> new DmaDescription(units.get(said.unit().base()), said.specifiers(), said.ats()))
                    .or(() -> segments.inMachine(function.address()).flatMap(this::unitOf).map(unit -> new DmaDescription(unit,
                            RequesterIds.all(function).stream().map(List::of).toList(), false)));
        }
    }

    private void warnAboutOrphans() {
        var orphans = file.devices().stream().filter(device -> device.group().isPresent())
                .map(CaptureFile.Device::address).filter(address -> baseInFrontOf(address).map(units::get).isEmpty()).toList();
        if (!orphans.isEmpty()) {
            warnings.add(String.format("%s: nothing says which unit is in front of %s", file.path(),
                    orphans.stream().map(PciAddress::toString).collect(Collectors.joining(", "))));
        }
    }

    // ---- what came of it

    CapturedMemory memory() {
        return memory;
    }

    InterruptController interrupts() {
        return interrupts;
    }

    List<CapturedUnit> units() {
        return List.copyOf(units.values());
    }

    CapturedBus bus() {
        return bus;
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }
}
