package sluicegate.firmware;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.types.Hex;

/**
 * Finds devices that firmware gives an id which another one has: a unit could not tell them apart. The first one keeps it,
 * functions on PCI before all others; the kernel refuses the later ones as well ({@code arm_smmu_insert_master}).
 */
final class IdConflicts {
    private final Map<UnitInput, String> owners = new HashMap<>();

    IdConflicts(List<PciTree.Node> functions, UnitPaths paths) {
        for (var function : functions) {
            var address = function.address();
            paths.inputOf(address, address.requesterId()).ifPresent(input -> owners.putIfAbsent(input, address.toString()));
        }
    }

    /** The devices, with what is wrong with them. To be called once. */
    List<DeviceDescription> marked(List<DeviceDescription> devices) {
        var marked = new ArrayList<DeviceDescription>();
        for (var device : devices) {
            var problem = problem(device);
            if (problem.isEmpty()) {
                device.inputs().forEach(input -> owners.put(input, device.name()));
            }
            marked.add(new DeviceDescription(device.name(), device.inputs(), device.canStall(), device.pasidBits(),
                    device.coherent(), problem));
        }
        return List.copyOf(marked);
    }

    private Optional<String> problem(DeviceDescription device) {
        var units = device.inputs().stream().map(input -> input.unit().name()).distinct().toList();
        if (units.size() > 1) {
            return Optional.of(String.format("firmware puts %s behind several units: %s; a device is behind one",
                    device.name(), String.join(", ", units)));
        }
        return device.inputs().stream().filter(owners::containsKey).findFirst()
                .map(input -> String.format("firmware gives %s the id %s at %s, which %s has", device.name(),
                        Hex.of(input.id()), input.unit().name(), owners.get(input)));
    }
}
