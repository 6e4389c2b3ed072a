package sluicegate.machine.unit;

import java.util.List;
import java.util.Map;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Machine;

/**
 * Which unit of which machine it is, and what firmware says of it.
 *
 * @param machine its machine
 * @param name in that machine
 * @param baseAddress physical address of its registers
 * @param segment PCI segment of the devices behind it
 * @param properties what else firmware says
 * @param firmwareRegions what devices behind it may not map, or have to
 */
public record UnitPlace(Machine machine, String name, long baseAddress, int segment, Map<String, String> properties,
        List<FirmwareRegion> firmwareRegions) {
    public UnitPlace {
        properties = Map.copyOf(properties);
        firmwareRegions = List.copyOf(firmwareRegions);
    }

    /** A unit of which firmware says no more than that. */
    public UnitPlace(Machine machine, String name, long baseAddress, int segment) {
        this(machine, name, baseAddress, segment, Map.of(), List.of());
    }
}
