package sluicegate.api.driver;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.platform.BusDevice;

/**
 * A device as the driver of its unit sees it ({@code struct dev_iommu}): the device, what firmware said about it, and a
 * place for the driver's own data. Made by the core; it does not outlive the driver's binding to the unit.
 */
@ProviderType
public interface DeviceContext {

    /** The device's name on the whole platform. */
    String name();

    BusDevice device();

    /** The ids that {@link IommuOps#ofXlate} added ({@code iommu_fwspec::ids}), in order, without duplicates. */
    List<Integer> ids();

    /** Adds an id; one that is there already is not added again ({@code iommu_fwspec_add_ids}). */
    void addId(int id);

    /** Whether firmware allows ATS on the path to this device. */
    boolean atsSupported();

    /** What the driver stored ({@code dev_iommu_priv_get}); dropped by the core when the device is released. */
    Optional<Object> driverData();

    /** Stores the driver's data ({@code dev_iommu_priv_set}). */
    void setDriverData(Object data);
}
