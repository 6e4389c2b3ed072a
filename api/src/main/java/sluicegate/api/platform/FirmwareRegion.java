package sluicegate.api.platform;

import java.util.Set;
import sluicegate.api.types.ReservedRegion;

/**
 * A range of memory that firmware says some devices need (VT-d RMRR, AMD IVMD, Arm RMR, device tree
 * {@code iommu-addresses}).
 *
 * @param region the range and how it is to be treated
 * @param devices names of the devices that it is for, as {@link BusDevice#name} gives them
 */
public record FirmwareRegion(ReservedRegion region, Set<String> devices) {
    public FirmwareRegion {
        devices = Set.copyOf(devices);
    }
}
