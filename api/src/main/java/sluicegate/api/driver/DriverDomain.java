package sluicegate.api.driver;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.IommuException;

/**
 * The driver's part of a domain ({@code struct iommu_domain_ops}).
 *
 * <p>Mapping calls may come from several threads for ranges that do not overlap; the core has checked alignment, aperture
 * and reserved regions before. Identity and blocked domains have no mapping operations.
 */
@ConsumerType
public interface DriverDomain {

    DomainType type();

    /** The page sizes that it can map, as a sum of powers of two; 0 if it cannot map. */
    default long pageSizes() {
        return 0;
    }

    /** The first IOVA that it can translate. */
    default long apertureStart() {
        return 0;
    }

    /** The last IOVA that it can translate. */
    default long apertureEnd() {
        return -1L;
    }

    /**
     * Makes the hardware use this domain for the device's requests without a PASID. On failure the device is attached to
     * what it was before.
     *
     * @param old the domain it is attached to; empty on its first attach
     * @throws IommuException EINVAL if domain and device do not fit each other; ENOMEM; ENOSPC; EBUSY; ENODEV
     */
    void attachDev(DeviceContext device, Optional<DriverDomain> old);

    /**
     * Sets or replaces the domain of one PASID of the device.
     *
     * @throws IommuException EOPNOTSUPP without PASIDs; as {@link #attachDev} otherwise
     */
    default void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        throw IommuException.of(Errno.EOPNOTSUPP, "A %s domain of %s's unit cannot be attached to a PASID",
                type().word(), device.name());
    }

    /**
     * The address space whose tables these are ends, although a device may go on sending requests under its PASID (the kernel's
     * {@code mmu_notifier_ops.release}). When this returns nothing of it is translated any more. What the device still asks for need not be
     * recorded as faults until the PASID is blocked, as it is when the device is unbound.
     *
     * @param blocked the unit's blocked domain, which does unless the driver knows something better
     * @throws IommuException if hardware does not forget what it knew; the tables must not be used any more all the same
     */
    default void spaceEnded(DeviceContext device, int pasid, DriverDomain blocked) {
        blocked.setDevPasid(device, pasid, Optional.of(this));
    }

    /**
     * Maps {@code count} pages of {@code pageSize} bytes from {@code iova} on to physical memory from {@code address} on.
     *
     * @return bytes mapped: less than asked for only if a table could not be allocated; the core unmaps those then
     * @throws IommuException EEXIST if something is mapped there already; nothing before it stays mapped by this call
     */
    default long mapPages(long iova, long address, long pageSize, long count, int prot) {
        throw notPaging();
    }

    /**
     * Unmaps {@code count} pages of {@code pageSize} bytes from {@code iova} on. Stops at the first page that is not
     * mapped. If a mapped page is larger than what is left to unmap, all of it goes and counts. A table page may be gathered only
     * if all that it translates lies in what is unmapped: nothing is mapped there before the hardware has forgotten it.
     *
     * @param gather takes what must be invalidated, and table pages that may be freed after that
     * @return bytes unmapped
     */
    default long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        throw notPaging();
    }

    /** Makes new mappings visible where hardware caches that there were none. A failure undoes the mapping. */
    default void iotlbSyncMap(long iova, long size) {}

    /**
     * Invalidates what was gathered, by one unmap or (DMA-FQ) by many; returns when the hardware has forgotten it, and frees the
     * gathered table pages. If it fails, it frees none: it is called again with the same.
     */
    default void iotlbSync(IotlbGather gather) {}

    /** Invalidates all of the domain. */
    default void flushIotlbAll() {}

    /**
     * Where {@code iova} is mapped to.
     *
     * @return the physical address, or {@link #NOT_MAPPED}
     */
    default long iovaToPhys(long iova) {
        throw notPaging();
    }

    /** What {@link #iovaToPhys} returns for an IOVA without mapping; no machine has memory there. */
    long NOT_MAPPED = -1L;

    /**
     * Makes every access snoop, whatever the device asks for, also to what is mapped already. Nobody maps or unmaps meanwhile. Returns
     * whether the hardware can.
     */
    default boolean enforceCacheCoherency() {
        return false;
    }

    /**
     * Switches tracking of dirty pages, for devices that are attached and for those that will be. Called with {@code true} also when it is
     * on; what is dirty by then has been cleared.
     *
     * @throws IommuException EOPNOTSUPP if the domain was not allocated for {@link AllocFlag#DIRTY_TRACKING}
     */
    default void setDirtyTracking(boolean enabled) {
        throw IommuException.of(Errno.EOPNOTSUPP, "This %s domain cannot track dirty pages", type().word());
    }

    /**
     * Reports the dirty pages of a range, holes or not: each as a whole, also one that only partly lies in the range. Nobody maps or unmaps
     * meanwhile, but devices write. Called while tracking is off too, to clear what was left; and when no device uses the domain any more,
     * before it is freed.
     *
     * @param clear whether they count as clean afterwards: a write that comes after this returns is reported by the next call
     * @throws IommuException EOPNOTSUPP if the domain was not allocated for {@link AllocFlag#DIRTY_TRACKING}; what invalidation fails with
     */
    default void readAndClearDirty(long iova, long size, boolean clear, DirtyPages pages) {
        throw IommuException.of(Errno.EOPNOTSUPP, "This %s domain cannot track dirty pages", type().word());
    }

    /** Takes ranges that a device wrote to. */
    @FunctionalInterface
    interface DirtyPages {
        void dirty(long iova, long size);
    }

    /**
     * Carries out a guest's invalidations for a nested domain ({@code cache_invalidate_user}, {@code viommu_ops.cache_invalidate}), up to the
     * first that no guest may give. Whatever the guest says, hardware forgets no more than what belongs to the domain's parent and to
     * these devices.
     *
     * @param commands in the format of the unit, with the guest's own numbers in them
     * @param devices by the id that the guest knows each by; all are the unit's
     * @throws IommuException EOPNOTSUPP if the driver takes no guest's commands; EINVAL if {@code commands} ends within a command
     */
    default GuestInvalidation invalidateGuest(List<Long> commands, Map<Integer, DeviceContext> devices) {
        throw IommuException.of(Errno.EOPNOTSUPP, "The driver takes no invalidations of a guest for its %s domain", type().word());
    }

    /** Gives everything back. No device is attached any more. Nothing happens for identity and blocked domains. */
    default void free() {}

    private IommuException notPaging() {
        return IommuException.of(Errno.EINVAL, "A %s domain holds no mappings", type().word());
    }
}
