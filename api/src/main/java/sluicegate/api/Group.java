package sluicegate.api;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;

/** Devices that the hardware cannot keep apart: the smallest set that can be given to one owner. */
@ProviderType
public interface Group {

    /** Its number; the lowest that was free when it was made. */
    int id();

    /** What its unit's driver calls it, for people ({@code /sys/kernel/iommu_groups/N/name}); most have no name. */
    Optional<String> name();

    /** Its members, in the order in which they joined. */
    List<Device> devices();

    /** The domain to which its members are attached now. */
    Domain domain();

    /** The domain to which they return; empty only while the group is being made. */
    Optional<Domain> defaultDomain();

    /** Reserved IOVA ranges of all members, merged and sorted. */
    List<ReservedRegion> reservedRegions();

    /**
     * Attaches all members to {@code domain}, or none ({@code iommu_attach_group}).
     *
     * @throws IommuException EBUSY if it is attached to a domain that is not its default or blocked one; EINVAL if the domain
     *     belongs to another unit's driver or does not suit the hardware
     */
    void attach(Domain domain);

    /** Returns all members to the default domain ({@code iommu_detach_group}). */
    void detach();
}
