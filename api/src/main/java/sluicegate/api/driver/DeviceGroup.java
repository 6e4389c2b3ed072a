package sluicegate.api.driver;

import org.osgi.annotation.versioning.ProviderType;

/** A group as drivers see it: a number and a count of references ({@code struct iommu_group}). Thread-safe. */
@ProviderType
public interface DeviceGroup {

    int id();

    /**
     * Names the group, for people ({@code iommu_group_set_name}); the latest counts.
     *
     * @param name one line
     */
    void setName(String name);

    /** Takes one more reference, as a driver must that returns a group which it remembered ({@code iommu_group_ref_get}). */
    DeviceGroup reference();

    /**
     * Gives a reference back ({@code iommu_group_put}).
     *
     * @throws sluicegate.api.types.IommuException EINVAL if more were given back than taken
     */
    void release();
}
