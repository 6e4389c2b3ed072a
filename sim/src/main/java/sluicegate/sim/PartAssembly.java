package sluicegate.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.DeviceDescription;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.PciConfigImage;
import sluicegate.firmware.UnitDescription;
import sluicegate.firmware.UnitInput;
import sluicegate.machine.firmware.FirmwareUnit;
import sluicegate.machine.firmware.FirmwareWiring;
import sluicegate.machine.firmware.PlatformNames;
import sluicegate.machine.firmware.ReservedMemory;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.pci.Placement;
import sluicegate.sim.amdvi.AmdviCapabilities;
import sluicegate.sim.amdvi.AmdviUnit;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.pci.PciBus;
import sluicegate.sim.platform.PlatformBus;
import sluicegate.sim.smmuv3.Smmuv3Unit;
import sluicegate.sim.unit.Arrival;
import sluicegate.sim.unit.UnitModel;
import sluicegate.sim.vtd.VtdCapabilities;
import sluicegate.sim.vtd.VtdUnit;

/** Builds the units and buses of one description and plugs them together. */
final class PartAssembly {
    private static final int MIN_HOST_ADDRESS_WIDTH = 32;

    private final MachineDescription described;
    private final SegmentBase segments;
    private final Common common;
    private final Map<UnitDescription, UnitModel> units = new LinkedHashMap<>();
    /** Units that firmware has and the machine has not, and why. */
    private final Map<UnitDescription, String> missing = new HashMap<>();
    private final List<AmdviFunction> amdviFunctions = new ArrayList<>();
    private final PciBus pci;
    private final Optional<PlatformBus> platform;

    /**
     * What all parts of a machine have in common.
     *
     * @param warnings where to say what firmware got wrong
     */
    record Common(EmbeddedMachine machine, HeapMemory memory, PageAllocator pages, InterruptController interrupts,
            Consumer<String> warnings) {}

    /** @param segment the number on the platform of the description's segment 0 */
    PartAssembly(MachineDescription described, int segment, Common common) {
        this.described = described;
        this.segments = new SegmentBase(segment);
        this.common = common;
        described.dmar().ifPresent(this::warnOfHostAddresses);
        var names = new PlatformNames(common.machine().name());
        var reserved = new ReservedMemory(described, segments, names);
        described.units().forEach(unit -> add(unit, reserved));
        var wiring = new Wiring(new FirmwareWiring(described, segments));
        pci = new PciBus(common.machine(), common.memory(), common.interrupts(), described.pci(), segments, wiring);
        var devices = described.devices();
        platform = devices.isEmpty() ? Optional.empty() : Optional.of(new PlatformBus(common.machine(), common.memory(),
                common.interrupts(), names, devices, wiring));
    }

    private void warnOfHostAddresses(Dmar dmar) {
        if (dmar.hostAddressWidth() >= MIN_HOST_ADDRESS_WIDTH && dmar.hostAddressWidth() < Long.SIZE && common.memory().map().limit() > 1L << dmar.hostAddressWidth()) {
            common.warnings().accept(String.format("%s: memory ends at %s, beyond the host address width of %d bits; no table entry can lead "
                    + "there", dmar.file(), Hex.of(common.memory().map().limit() - 1), dmar.hostAddressWidth()));
        }
    }

    /** A unit that can't be built is an error of that unit: the machine goes without, and what is behind it reaches nothing. */
    private void add(UnitDescription unit, ReservedMemory reserved) {
        unit.problem().ifPresentOrElse(problem -> missing.put(unit, problem), () -> {
            try {
                units.put(unit, build(unit, reserved));
            } catch (IommuException e) {
                missing.put(unit, e.getMessage());
                common.warnings().accept(String.format("Unit %s of %s can't be built, and what is behind it reaches nothing: %s",
                        unit.name(), unit.origin(), e.getMessage()));
            }
        });
    }

    private UnitModel build(UnitDescription unit, ReservedMemory reserved) {
        var memory = common.memory();
        var interrupts = common.interrupts();
        var said = new FirmwareUnit(described, unit, segments);
        var regions = reserved.regionsOf(unit, memory, common.warnings());
        var arena = new UnitArena(unit.name(), memory, common.pages());
        var place = said.place(common.machine(), regions);
        if (unit instanceof UnitDescription.Vtd vtd) {
            return new VtdUnit(place, unit.registerSize(), VtdCapabilities.of(vtd.features(), hostAddressWidth()), memory, arena,
                    interrupts);
        }
        if (unit instanceof UnitDescription.Smmuv3 smmu) {
            return new Smmuv3Unit(place, Smmuv3Identification.of(smmu.features()), memory, arena, interrupts);
        }
        if (unit instanceof UnitDescription.Amdvi amdvi) {
            var model = new AmdviUnit(place, AmdviCapabilities.of(amdvi.features()), memory, arena, interrupts);
            amdviFunctions.add(new AmdviFunction(amdvi.ivhd(), model));
            return model;
        }
        throw new IllegalStateException("There is a kind of unit of which there is no model: " + unit);
    }

    private int hostAddressWidth() {
        var dmar = described.dmar().orElseThrow();
        if (dmar.hostAddressWidth() < MIN_HOST_ADDRESS_WIDTH) {
            throw IommuException.of(Errno.EINVAL, "%s: a host address width of %d bits is too small; physical addresses have at "
                    + "least %d", dmar.file(), dmar.hostAddressWidth(), MIN_HOST_ADDRESS_WIDTH);
        }
        return dmar.hostAddressWidth();
    }

    /** What firmware says, in the terms of the models. */
    private final class Wiring implements PciBus.Wiring, PlatformBus.Wiring {
        private final FirmwareWiring firmware;

        Wiring(FirmwareWiring firmware) {
            this.firmware = firmware;
        }

        private Optional<Arrival> arrival(UnitInput input) {
            return Optional.ofNullable(units.get(input.unit())).map(unit -> new Arrival(unit, (int) input.id()));
        }

        private DmaDescription description(FirmwareWiring.Identity identity) {
            return new DmaDescription(there(identity.unit()), identity.specifiers(), identity.ats());
        }

        private UnitModel there(UnitDescription unit) {
            if (missing.containsKey(unit)) {
                throw IommuException.of(Errno.EINVAL, "Its DMA is for unit %s, which can't be built, so it reaches nothing: %s",
                        unit.name(), missing.get(unit));
            }
            return units.get(unit);
        }

        @Override
        public Optional<Arrival> arrivalOf(PciFunction function) {
            return firmware.arrivalOf(function).flatMap(this::arrival);
        }

        @Override
        public boolean isCutOff(PciFunction function) {
            return firmware.arrivalOf(function).filter(input -> missing.containsKey(input.unit())).isPresent();
        }

        @Override
        public Optional<DmaDescription> identityOf(PciFunction function) {
            return firmware.identityOf(function).map(this::description);
        }

        @Override
        public Optional<IommuUnit> unitInFrontOf(PciAddress requester) {
            return firmware.unitInFrontOf(requester).map(this::there);
        }

        @Override
        public Placement placementOf(PciAddress function) {
            return firmware.placementOf(function);
        }

        @Override
        public PciConfigImage imageOf(PciConfigImage described) {
            return amdviFunctions.stream().filter(own -> own.isAt(described.address())).findFirst()
                    .map(own -> own.image(described)).orElse(described);
        }

        @Override
        public void configured(PciFunction function) {
            for (var own : amdviFunctions) {
                if (segments.inMachine(function.address()).filter(own::isAt).isPresent()) {
                    own.configured(function);
                }
            }
        }

        @Override
        public Optional<Arrival> arrivalOf(DeviceDescription device) {
            return device.inputs().stream().findFirst().flatMap(this::arrival);
        }

        @Override
        public boolean isCutOff(DeviceDescription device) {
            return device.inputs().stream().anyMatch(input -> missing.containsKey(input.unit()));
        }

        @Override
        public DmaDescription identityOf(DeviceDescription device) {
            return description(firmware.identityOf(device));
        }
    }

    List<UnitModel> units() {
        return List.copyOf(units.values());
    }

    PciBus pci() {
        return pci;
    }

    Optional<PlatformBus> platform() {
        return platform;
    }
}
