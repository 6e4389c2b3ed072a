package sluicegate.firmware;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.types.Hex;

/**
 * Finds devices that firmware gives an id which another one has: a unit can't tell them apart. The first one keeps it, functions
 * on PCI before all others; the kernel refuses the later ones as well ({@code arm_smmu_insert_master}). Only devices that ACPI
 * names behind an AMD IOMMU share an id, and then a group too ({@code acpihid_device_group}): laptops have four serial ports so.
 */
final class IdConflicts {
    private final Map<UnitInput, String> functions = new HashMap<>();
    private final Map<UnitInput, List<String>> owners = new LinkedHashMap<>();

    IdConflicts(List<PciTree.Node> functions, UnitPaths paths) {
        for (var function : functions) {
            var address = function.address();
            paths.inputOf(address, address.requesterId()).ifPresent(input -> this.functions.putIfAbsent(input, address.toString()));
        }
    }

    /** The devices, with what is wrong with them. To be called once. */
    List<DeviceDescription> marked(List<DeviceDescription> devices) {
        var marked = new ArrayList<DeviceDescription>();
        for (var device : devices) {
            var problem = problem(device);
            if (problem.isEmpty()) {
                device.inputs().forEach(input -> owners.computeIfAbsent(input, same -> new ArrayList<>()).add(device.name()));
            }
            marked.add(new DeviceDescription(device.name(), device.inputs(), device.canStall(), device.pasidBits(),
                    device.coherent(), device.dmaLimit(), problem));
        }
        return List.copyOf(marked);
    }

    /** What has to be said of devices that share an id and work all the same. */
    List<String> shared() {
        return owners.entrySet().stream().filter(entry -> entry.getValue().size() > 1)
                .map(entry -> String.format("%s share the id %s at %s, which can't tell them apart: they are one group",
                        String.join(", ", entry.getValue()), Hex.of(entry.getKey().id()), entry.getKey().unit().name())).toList();
    }

    private Optional<String> problem(DeviceDescription device) {
        var units = device.inputs().stream().map(input -> input.unit().name()).distinct().toList();
        if (units.size() > 1) {
            return Optional.of(String.format("firmware puts %s behind several units: %s; a device is behind one",
                    device.name(), String.join(", ", units)));
        }
        return device.inputs().stream().flatMap(input -> owner(input).stream()
                .map(owner -> String.format("firmware gives %s the id %s at %s, which %s has", device.name(),
                        Hex.of(input.id()), input.unit().name(), owner))).findFirst();
    }

    /** Who has an id that nobody else can have. */
    private Optional<String> owner(UnitInput input) {
        return Optional.ofNullable(functions.get(input)).or(() -> input.unit() instanceof UnitDescription.Amdvi
                ? Optional.empty() : Optional.ofNullable(owners.get(input)).map(names -> names.get(0)));
    }
}
