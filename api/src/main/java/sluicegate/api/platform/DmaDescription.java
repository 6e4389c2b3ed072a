package sluicegate.api.platform;

import java.util.List;

/**
 * What firmware says about a device's DMA: the raw material of {@code struct iommu_fwspec}.
 *
 * @param unit the unit in front of the device
 * @param specifiers one specifier for each id, in the unit's own terms (requester ids, stream ids); each is handed to the
 *     driver's {@code ofXlate} once
 * @param atsSupported whether firmware says that the path supports address translation services
 */
public record DmaDescription(IommuUnit unit, List<List<Integer>> specifiers, boolean atsSupported) {
    public DmaDescription {
        specifiers = specifiers.stream().map(List::copyOf).toList();
    }
}
