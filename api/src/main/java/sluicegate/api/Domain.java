package sluicegate.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.IommuException;

/** An address space for devices. */
@ProviderType
public interface Domain extends AutoCloseable {

    /** Unique on the platform, such as {@code dom3}. */
    String name();

    DomainType type();

    /** The domain that translates what this one's tables lead to, if it is a nested one. */
    default Optional<Domain> parent() {
        return Optional.empty();
    }

    /** Sum of the page sizes, all powers of two, that it can map; 0 if it cannot map. */
    long pageSizes();

    /** First IOVA that it can translate. */
    long apertureStart();

    /** Last IOVA that it can translate. */
    long apertureEnd();

    /** The devices that are attached to it now. */
    List<Device> attached();

    /**
     * Attaches a device that is alone in its group ({@code iommu_attach_device}).
     *
     * @throws IommuException ENODEV without a group; EINVAL if the group has other members, or the domain belongs to another
     *     driver or does not suit the device's unit; EBUSY if the device is attached to another domain than its default one
     */
    void attach(Device device);

    /**
     * Returns the device to its default domain ({@code iommu_detach_device}).
     *
     * @throws IommuException EINVAL if the device is not attached to this domain
     */
    void detach(Device device);

    /**
     * Attaches one PASID of a device ({@code iommu_attach_device_pasid}).
     *
     * @param pasid 1 to {@link sluicegate.api.types.Pasid#MAX}
     * @throws IommuException ENODEV without a group; EOPNOTSUPP if the unit, its driver or the device has no PASIDs; EINVAL for
     *     PASID 0, one that is too large or a domain of another driver; EBUSY if the PASID is in use or a member of the group is
     *     being reset; otherwise what hardware fails with: no member of the group has the PASID then
     */
    PasidAttachment attach(Device device, int pasid);

    /**
     * Moves one PASID of a device to this domain from the one that it is attached to ({@code iommu_replace_device_pasid}). Page
     * requests that were made under the old one and have no answer yet are told to try again.
     *
     * @throws IommuException EINVAL if the PASID is attached to nothing; EOPNOTSUPP also if the unit's driver can't replace; otherwise
     *     as {@link #attach(Device, int)}, and the PASID stays as it was
     */
    PasidAttachment replace(Device device, int pasid);

    /**
     * Blocks one PASID of a device and frees it, as {@link PasidAttachment#detach} does.
     *
     * @throws IommuException EINVAL if the PASID is not attached to this domain
     */
    void detach(Device device, int pasid);

    /**
     * Maps a range, with the largest pages that alignment allows ({@code iommu_map}). All or nothing.
     *
     * @param iova first address for the device
     * @param address physical address that it leads to
     * @param size in bytes; all three are multiples of the smallest page size
     * @param prot {@link sluicegate.api.types.Prot} bits
     * @throws IommuException EINVAL if something is misaligned, outside the aperture, or this is no paging domain; EEXIST if
     *     part of the range is mapped already; ENOMEM
     */
    void map(long iova, long address, long size, int prot);

    /**
     * Unmaps a range ({@code iommu_unmap}); the hardware has forgotten it when this returns. Stops at the first hole.
     * A page that is larger than what is left of the range goes as a whole.
     *
     * <p>In a {@link DomainType#DMA_FQ} domain the hardware may remember for some 10 ms more, so that many ranges can be
     * invalidated at once. Until it has forgotten it, nothing else is mapped there: a {@link #map} of the range waits for that.
     *
     * @return bytes unmapped; 0 if something is misaligned or this is no paging domain
     */
    long unmap(long iova, long size);

    /** The physical address behind {@code iova}, from the page tables; the same address in an identity domain. */
    OptionalLong iovaToPhys(long iova);

    /** What is mapped, by ascending IOVA: each range as it was mapped, less what was unmapped. */
    List<Mapping> mappings();

    /**
     * Switches on or off that hardware notes to which pages devices write ({@code IOMMU_HWPT_SET_DIRTY_TRACKING}), those of nested domains
     * on top of this one too. Switching it on forgets what was noted until now, also where it is on already. It stays on when another
     * driver takes the unit.
     *
     * @throws IommuException EOPNOTSUPP if the domain was not allocated for {@link sluicegate.api.driver.AllocFlag#DIRTY_TRACKING}
     */
    void setDirtyTracking(boolean enabled);

    /** Whether dirty pages are tracked. */
    boolean dirtyTracking();

    /**
     * Says to which pages of a range devices wrote, and counts them as clean from then on ({@code IOMMU_HWPT_GET_DIRTY_BITMAP}). A write that
     * is not reported by this call is by a later one. Where nothing is mapped nothing is dirty; what was unmapped is forgotten.
     *
     * <p>Hardware notes whole pages, as large as they were mapped: of one that only partly lies in the range the rest stays dirty. Where
     * hardware went on translating between two drivers ({@link sluicegate.api.driver.LeavePolicy#KEEP}), everything that can be written counts
     * as written, once; otherwise what is reported was written.
     *
     * @param iova first address
     * @param size in bytes; both are multiples of the domain's smallest page size and of {@code pageSize}
     * @param pageSize of what is reported, in bytes, a power of two: a part that was written makes all of it dirty
     * @return by ascending IOVA, each as long as possible
     * @throws IommuException EOPNOTSUPP if the domain was not allocated for {@link sluicegate.api.driver.AllocFlag#DIRTY_TRACKING};
     *     EINVAL if tracking is off, something is misaligned, or {@code pageSize} is no power of two; EOVERFLOW if {@code size} is 0 or
     *     the range passes 2^64
     */
    List<DirtyRange> readAndClearDirty(long iova, long size, long pageSize);

    /**
     * As {@link #readAndClearDirty}, but all stays dirty ({@code IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR}): for who unmaps the range next,
     * or only looks.
     */
    List<DirtyRange> readDirty(long iova, long size, long pageSize);

    /**
     * Has hardware forget what a guest has changed in the tables of this nested domain ({@code IOMMU_HWPT_INVALIDATE}): the commands that
     * the guest gave to its own unit, in their order. Those that wait for others are left out: what is reported as done is complete.
     *
     * @param commands in the format of the unit, with the guest's own numbers in them; vendor-specific: two words each for an SMMUv3 and for
     *     AMD-Vi; for VT-d three, those of {@code struct iommu_hwpt_vtd_s1_invalidate}, which name no devices
     * @param devices those that the guest's commands may name, by the id that the guest knows each by, all behind the domain's unit
     * @throws IommuException EINVAL if this is no nested domain, {@code commands} ends within a command, or a device is behind another
     *     unit; EOPNOTSUPP if the unit's driver takes no guest's commands; ENODEV if no driver serves the unit or a device
     */
    GuestInvalidation invalidateGuest(List<Long> commands, Map<Integer, Device> devices);

    /**
     * Frees it and all of its mappings.
     *
     * @throws IommuException EBUSY if a device is attached, it is the parent of a nested domain, or it is a default domain
     */
    @Override
    void close();

    /** A mapped range; addresses ascend together. */
    record Mapping(long iova, long address, long size, int prot) {}

    /** Pages that a device wrote to: {@code size} bytes from {@code iova} on. */
    record DirtyRange(long iova, long size) {}
}
