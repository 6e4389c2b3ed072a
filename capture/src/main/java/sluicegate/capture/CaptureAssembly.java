package sluicegate.capture;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.capture.facts.KernelFacts;
import sluicegate.capture.files.CaptureFile;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.DmarScopes;
import sluicegate.firmware.PciTree;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.sim.interrupt.InterruptController;

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
    private final PciTree tree;
    private final Optional<DmarScopes> scopes;
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
        this.tree = PciTree.of(file.devices().stream().map(CaptureFile.Device::image).toList());
        this.scopes = folder.dmar().map(dmar -> DmarScopes.of(dmar, tree));
        folder.dmar().ifPresent(dmar -> warnings.addAll(dmar.warnings()));
        scopes.ifPresent(found -> warnings.addAll(found.warnings()));
        this.memory = new CapturedMemory(folder.name(), folder.memory());
        checkRegisters();
        // From here on there is a thread that has to end if something fails.
        this.interrupts = new InterruptController(folder.name());
        try {
            buildUnits();
            this.bus = new CapturedBus(machine, file, tree, segments, new FirmwareWiring());
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
            int number = units.size();
            var name = file.kind().unit() + folder.dmar().map(dmar -> dmar.units().indexOf(drhd(dmar, base))).orElse(number);
            units.put(base, build(name, base, new CapturedRegisters(name, base, folder.registers().words(base, end))));
        }
        folder.dmar().ifPresent(dmar -> dmar.units().stream().filter(drhd -> !units.containsKey(drhd.base()))
                .forEach(drhd -> warnings.add(String.format("%s, offset %s: the unit at %s was not captured", dmar.file(),
                        Hex.of(drhd.offset()), Hex.of(drhd.base())))));
    }

    private CapturedUnit build(String name, long base, CapturedRegisters registers) {
        int segment = segments.onPlatform(segmentOf(base));
        var identity = new CapturedUnit.Identity(machine, name, switch (file.kind()) {
            case INTEL_VTD -> KernelFacts.INTEL_VTD;
            case AMD_VI -> KernelFacts.AMD_VI;
            case ARM_SMMUV3 -> KernelFacts.ARM_SMMUV3;
        }, base, segment);
        TranslationProbe model = folder.dmar().map(dmar -> vtdModel(dmar, name, base, registers, segment))
                .orElseGet(() -> UnitModels.none(name, file.kind().word()));
        return new CapturedUnit(identity, registers, memory, reservedBehind(base), model);
    }

    private TranslationProbe vtdModel(Dmar dmar, String name, long base, CapturedRegisters registers, int segment) {
        if (dmar.hostAddressWidth() < MIN_HOST_ADDRESS_WIDTH) {
            throw IommuException.of(Errno.EINVAL, "%s: a host address width of %d bits is too small; physical addresses have at "
                    + "least %d", dmar.file(), dmar.hostAddressWidth(), MIN_HOST_ADDRESS_WIDTH);
        }
        return UnitModels.vtd(machine, name, drhd(dmar, base).registerSize(), segment, registers, folder.registers().path(),
                Math.min(dmar.hostAddressWidth(), MAX_HOST_ADDRESS_WIDTH), memory, interrupts);
    }

    private Dmar.Drhd drhd(Dmar dmar, long base) {
        return dmar.units().stream().filter(drhd -> drhd.base() == base).findFirst().orElseThrow(() -> IommuException.of(
                Errno.EINVAL, "%s: there is a unit at %s, but %s describes none there", file.path(), Hex.of(base), dmar.file()));
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

    /** By the scopes of the DMAR; where there is none or it says nothing, all of its segment is behind the only unit. */
    private Optional<Long> baseInFrontOf(PciAddress requester) {
        return scopes.flatMap(found -> found.unitOfRequester(requester)).map(Dmar.Drhd::base)
                .or(() -> file.units().stream().findFirst()
                        .filter(base -> file.units().size() == 1 && segmentOf(base) == requester.segment()));
    }

    /** As the machine counts. */
    private int segmentOf(long base) {
        return folder.dmar().map(dmar -> drhd(dmar, base).segment()).orElse(0);
    }

    private final class FirmwareWiring implements CapturedBus.Wiring {
        @Override
        public Optional<CapturedUnit> unitOf(PciAddress requester) {
            return baseInFrontOf(requester).map(units::get);
        }

        @Override
        public boolean atsAllowed(PciAddress function) {
            return scopes.map(found -> found.atsAllowed(function)).orElse(false);
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
