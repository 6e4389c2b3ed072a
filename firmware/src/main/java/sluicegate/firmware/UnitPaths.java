package sluicegate.firmware;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.platform.PciAddress;
import sluicegate.spec.acpi.Ivhd;

/**
 * Which unit is in front of which device of a machine description, whatever firmware it is described by. Immutable.
 */
final class UnitPaths {
    private final Map<Long, UnitDescription> byBase = new HashMap<>();
    private final Optional<DmarScopes> dmar;
    private final Optional<Ivrs> ivrs;
    private final Optional<Iort> iort;
    private final Optional<DeviceTreeIommus> tree;
    private final List<PciTree.Node> functions;
    private final OtherIommus others;
    private final Optional<Boolean> ats;
    private final DmaLimits limits;

    UnitPaths(MachineDescription machine) {
        machine.units().forEach(unit -> byBase.put(unit.base(), unit));
        dmar = machine.dmarScopes();
        ivrs = machine.ivrs();
        iort = machine.iort();
        others = machine.others();
        tree = machine.deviceTree();
        functions = machine.pci().functions();
        ats = machine.buses().ats();
        limits = new DmaLimits(machine);
    }

    Optional<UnitInput> inputOf(PciAddress function, int requesterId) {
        return modelled(function, requesterId).or(() -> others.inputOf(function, requesterId));
    }

    private Optional<UnitInput> modelled(PciAddress function, int requesterId) {
        if (dmar.isPresent()) {
            return dmar.get().unitOfRequester(function).flatMap(drhd -> input(drhd.base(), requesterId));
        }
        if (ivrs.isPresent()) {
            var devices = new IvrsDevices(ivrs.get());
            return devices.unitOf(function.segment(), requesterId)
                    .flatMap(ivhd -> input(ivhd.base(), devices.aliasOf(function.segment(), requesterId)));
        }
        if (iort.isPresent()) {
            return new IortPaths(iort.get()).smmuOf(function.segment(), requesterId).flatMap(this::input);
        }
        return tree.flatMap(iommus -> iommus.pciHost(function.segment())).flatMap(host -> host.idOf(requesterId))
                .flatMap(this::input);
    }

    List<UnitInput> inputsOf(PciAddress function, List<Integer> requesterIds) {
        var inputs = new LinkedHashSet<UnitInput>();
        for (int id : requesterIds) {
            var input = inputOf(function, id);
            // The unit knows a device by its own entry as well, beside that of its alias.
            input.filter(arrival -> ivrs.isPresent()).ifPresent(arrival -> inputs.add(new UnitInput(arrival.unit(), id)));
            input.ifPresent(arrival -> {
                inputs.remove(arrival);
                inputs.add(arrival);
            });
        }
        return List.copyOf(inputs);
    }

    boolean atsAllowed(PciAddress function) {
        if (ats.isPresent()) {
            return ats.get();
        }
        if (dmar.isPresent()) {
            return dmar.get().atsAllowed(function);
        }
        if (ivrs.isPresent()) {
            var devices = new IvrsDevices(ivrs.get());
            int id = function.requesterId();
            return devices.atsAllowed(function.segment(), id) && devices.unitOf(function.segment(), id)
                    .filter(ivhd -> Ivhd.IOTLB_SUPPORTED.isSet(ivhd.flags())).isPresent();
        }
        if (iort.isPresent()) {
            return iort.get().rootComplex(function.segment()).filter(Iort.RootComplex::ats).isPresent();
        }
        return others.atsAllowed(function)
                || tree.flatMap(iommus -> iommus.pciHost(function.segment())).filter(DeviceTreeIommus.PciHost::ats).isPresent();
    }

    /** Where devices that no bus discovers are said to share ids. */
    List<String> sharedIds() {
        var conflicts = new IdConflicts(functions, this);
        conflicts.marked(described());
        return conflicts.shared();
    }

    List<DeviceDescription> devices() {
        return new IdConflicts(functions, this).marked(described());
    }

    private List<DeviceDescription> described() {
        var described = dmar.map(this::namespaceDevices).filter(devices -> !devices.isEmpty())
                .or(() -> iort.map(this::components)).or(() -> ivrs.map(this::acpiDevices))
                .or(() -> tree.map(this::masters)).orElse(List.of());
        return described.stream().filter(device -> !device.inputs().isEmpty()).toList();
    }

    /** A device that several scopes name has the ids of all of them. */
    private List<DeviceDescription> namespaceDevices(DmarScopes scopes) {
        var inputs = new LinkedHashMap<String, List<UnitInput>>();
        for (var device : scopes.namespaceDevices()) {
            input(device.unit().base(), device.requesterId())
                    .ifPresent(input -> inputs.computeIfAbsent(device.objectName(), same -> new ArrayList<>()).add(input));
        }
        return inputs.entrySet().stream().map(device -> new DeviceDescription(device.getKey(), device.getValue(), false, 0, true,
                limits.general(), Optional.empty())).toList();
    }

    private List<DeviceDescription> components(Iort table) {
        var paths = new IortPaths(table);
        return table.nodes(Iort.NamedComponent.class).stream().map(component -> new DeviceDescription(component.path(),
                paths.smmusOf(component).stream().flatMap(arrival -> input(arrival).stream()).toList(),
                component.stalls(), component.pasidBits(), component.memory().cacheCoherent(), limits.of(component), Optional.empty())).toList();
    }

    private List<DeviceDescription> acpiDevices(Ivrs table) {
        return table.units().stream().flatMap(ivhd -> ivhd.entries().stream()
                .filter(Ivrs.AcpiDevice.class::isInstance).map(Ivrs.AcpiDevice.class::cast)
                .map(device -> new DeviceDescription(
                        device.hardwareId() + device.uniqueId().map(uid -> ":" + uid).orElse(""),
                        input(ivhd.base(), device.deviceId()).stream().toList(), false, 0, true, limits.general(), Optional.empty()))).toList();
    }

    private List<DeviceDescription> masters(DeviceTreeIommus iommus) {
        return iommus.masters().stream().filter(master -> master.node().enabled())
                .map(master -> new DeviceDescription(master.node().path(),
                        master.ids().stream().flatMap(id -> input(id).stream()).toList(), master.canStall(), master.pasidBits(),
                        master.node().coherent(), limits.of(master), Optional.empty())).toList();
    }

    /** SMMUs of versions 1 and 2 are no units. */
    private Optional<UnitInput> input(IortPaths.Arrival arrival) {
        return arrival.node() instanceof Iort.SmmuV3 smmu ? input(smmu.base(), arrival.id()) : Optional.empty();
    }

    /** An SMMU of version 3 knows a requester by one cell; disabled units and others are none. */
    private Optional<UnitInput> input(DeviceTreeIommus.Id id) {
        return id.cells().size() == 1 && id.unit().enabled() && !id.unit().registers().isEmpty()
                ? input(id.unit().registers().get(0).start(), id.cells().get(0)) : Optional.empty();
    }

    private Optional<UnitInput> input(long base, long id) {
        return Optional.ofNullable(byBase.get(base)).map(unit -> new UnitInput(unit, id));
    }
}
