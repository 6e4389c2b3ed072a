package sluicegate.shell;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import sluicegate.api.Device;
import sluicegate.api.Iommu;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.IommuException;
import sluicegate.inspect.DeviceNames;

/**
 * Devices of the machines that run when it is made, by requester id or by the id that firmware gives them at their unit. Used
 * by one thread.
 */
final class RunningDevices implements DeviceNames {
    private final List<Device> devices;
    private final Map<Long, List<Device>> byRequesterId = new HashMap<>();
    /** Asked of firmware only when an id is no requester id. */
    private Optional<Map<Long, List<Device>>> byFirmwareId = Optional.empty();

    RunningDevices(Iommu iommu) {
        devices = iommu.devices();
        for (var device : devices) {
            if (device.busDevice() instanceof PciFunction function) {
                add(byRequesterId, function.address().requesterId(), device);
            }
        }
    }

    @Override
    public Optional<String> of(OptionalInt segment, long id) {
        var found = byRequesterId.getOrDefault(id, List.of()).stream()
                .filter(device -> segment.isEmpty() || segmentOf(device) == segment.getAsInt()).toList();
        if (found.isEmpty() && segment.isEmpty()) {
            found = firmwareIds().getOrDefault(id, List.of());
        }
        return found.size() == 1 ? Optional.of(found.get(0).name() + " (" + found.get(0).busDevice().description() + ")") : Optional.empty();
    }

    private static int segmentOf(Device device) {
        return device.busDevice() instanceof PciFunction function ? function.address().segment() : -1;
    }

    private Map<Long, List<Device>> firmwareIds() {
        if (byFirmwareId.isEmpty()) {
            var ids = new HashMap<Long, List<Device>>();
            devices.forEach(device -> idsOf(device).forEach(id -> add(ids, id, device)));
            byFirmwareId = Optional.of(ids);
        }
        return byFirmwareId.get();
    }

    private static List<Long> idsOf(Device device) {
        try {
            return device.busDevice().bus().dmaConfigure(device.busDevice()).stream()
                    .flatMap(description -> description.specifiers().stream()).filter(specifier -> !specifier.isEmpty())
                    .map(specifier -> Integer.toUnsignedLong(specifier.get(0))).distinct().toList();
        } catch (IommuException e) {
            return List.of(); // firmware says nothing that makes sense about this one
        }
    }

    private static void add(Map<Long, List<Device>> map, long id, Device device) {
        map.computeIfAbsent(id, unused -> new ArrayList<>()).add(device);
    }
}
