package sluicegate.api;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;

/** Devices that the hardware cannot keep apart: the smallest set that can be given to one owner. */
@ProviderType
public interface Group {

    /** Its number; the lowest that was free when it was made. */
    int id();

    /** What its unit's driver calls it, for people ({@code /sys/kernel/iommu_groups/N/name}); most have no name. */
    Optional<String> name();

    /** Whether there is an IOMMU behind it; if not, it was made by software ({@link Iommu#makeNoIommuGroup}). */
    boolean hasIommu();

    /** Its members, in the order in which they joined. */
    List<Device> devices();

    /**
     * The domain to which its members are attached now.
     *
     * @throws IommuException ENODEV if there is no IOMMU behind the group
     */
    Domain domain();

    /** The domain to which they return; empty while the group is being made, and without an IOMMU. */
    Optional<Domain> defaultDomain();

    /**
     * Gives the group another default domain ({@code iommu_group_store_type}, the kernel's {@code type} file). What was mapped in
     * the old one is gone with it; what firmware wants to be mapped one to one is mapped in the new one before members are
     * attached to it. DMA becomes DMA-FQ in place, also while drivers use it; where the unit can't put off invalidation it
     * silently stays DMA.
     *
     * @param type {@link DomainType#DMA}, {@link DomainType#DMA_FQ} or {@link DomainType#IDENTITY}; empty to have it decided as
     *     for a new group ({@code auto})
     * @throws IommuException EINVAL for another type, if the group has no default domain yet, or if a driver demands another type
     *     or a member is not trusted; EPERM while drivers or an owner use the group, or if it has no member; EBUSY while
     *     it is attached to another domain or a member is being reset; EOPNOTSUPP if the unit can't pass requests
     *     through; ENODEV if the unit has no driver; or what attaching fails with: the old default domain stays then
     */
    void setDefaultType(Optional<DomainType> type);

    /** Reserved IOVA ranges of all members, merged and sorted. */
    List<ReservedRegion> reservedRegions();

    /**
     * Attaches all members to {@code domain}, or none ({@code iommu_attach_group}).
     *
     * @throws IommuException EBUSY if it is attached to a domain that is not its default or blocked one; EINVAL if the domain
     *     belongs to another unit's driver or does not suit the hardware, or there is no IOMMU behind the group; EPROBE_DEFER
     *     while its devices are being probed for the first time
     */
    void attach(Domain domain);

    /** Returns all members to the default domain, or to the blocked one while the group is claimed ({@code iommu_detach_group}). */
    void detach();

    /** Who claimed it; empty also while drivers of its members use the default domain. */
    Optional<Object> owner();

    /**
     * How many use it now: drivers of its members, by way of the default domain, or else the claims of its owner
     * ({@code iommu_group::owner_cnt}). Whoever wants to own it has to wait until this is 0.
     */
    int users();

    /**
     * Claims all members for {@code owner}, which may then attach what it likes; until it does they are blocked
     * ({@code iommu_group_claim_dma_owner}). The core refers to the owner until it releases the group.
     *
     * @param owner anything; two that are {@link Object#equals equal} are the same owner
     * @throws IommuException EINVAL if the owner is {@code null}, or firmware requires a member to keep its one-to-one mappings
     *     ({@link ReservedRegion.Type#DIRECT}), so that it cannot be blocked; EPERM if the group has an owner or a
     *     member's driver uses it; EBUSY if it is attached to another domain than its default one, if PASIDs are attached
     *     or a member is being reset; ENODEV without a member, or a driver for the unit; or what blocking a member fails with
     */
    void claim(Object owner);

    /**
     * Gives up all claims of {@code owner}: members return to the default domain whatever they are attached to ({@code
     * iommu_group_release_dma_owner}). PASIDs have to be detached before.
     *
     * @throws IommuException EINVAL if nobody claimed the group; EPERM if somebody else did; EBUSY while PASIDs are attached
     */
    void release(Object owner);
}
