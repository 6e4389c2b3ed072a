package sluicegate.api.driver;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.WalkStep;

/**
 * The operations of one unit ({@code struct iommu_ops}), as long as its driver is bound to it.
 *
 * <p>Threading: device operations run under the group's mutex or the probe lock and never twice at once for one device.
 * After {@link #leave} no method is called any more.
 */
@ConsumerType
public interface IommuOps {

    /** Whether the unit offers {@code capability} to the device. */
    default boolean capable(DeviceContext device, Capability capability) {
        return false;
    }

    /**
     * Adds the ids of one firmware specifier to the device ({@code of_xlate}, {@code iommu_fwspec_add_ids}).
     *
     * @throws IommuException EINVAL if the specifier makes no sense for this unit
     */
    void ofXlate(DeviceContext device, List<Integer> specifier);

    /**
     * Takes a device. It stays blocked until a domain is attached.
     *
     * @throws IommuException ENODEV if this unit does not serve the device after all
     */
    void probeDevice(DeviceContext device);

    /** Runs after the first attach, without the group's mutex. */
    default void probeFinalize(DeviceContext device) {}

    /** Forgets a device: blocks it and stops using any domain for it. */
    void releaseDevice(DeviceContext device);

    /**
     * The group of the device, with a reference that the core takes over.
     */
    DeviceGroup deviceGroup(DeviceContext device, GroupFactory groups);

    /** The IOVA ranges that are reserved for the device. */
    default List<ReservedRegion> reservedRegions(DeviceContext device) {
        return List.of();
    }

    /**
     * The type that the device's default domain must have, if it must have one: DMA or identity, or DMA-FQ from a driver with
     * {@link Capability#DEFERRED_FLUSH}.
     */
    default Optional<DomainType> defDomainType(DeviceContext device) {
        return Optional.empty();
    }

    /** Whether attaching is to wait for the first DMA (a crash kernel that keeps the old tables). */
    default boolean isAttachDeferred(DeviceContext device) {
        return false;
    }

    /** The largest PASID plus one that the unit supports; 0 without PASIDs. Asked once, when the driver is bound. */
    default int maxPasids() {
        return 0;
    }

    /** The domain in which DMA addresses are physical addresses; empty if the unit cannot pass through. */
    Optional<DriverDomain> identityDomain();

    /** The domain in which all DMA aborts. Attaching it never fails. */
    DriverDomain blockedDomain();

    /**
     * A new paging domain that suits {@code device} ({@code domain_alloc_paging_flags}).
     *
     * @throws IommuException EOPNOTSUPP if a flag cannot be honoured, ENOMEM, ENOSPC without a free domain id
     */
    DriverDomain domainAllocPaging(DeviceContext device, Set<AllocFlag> flags);

    /**
     * A nested domain from a guest's tables ({@code domain_alloc_nested}).
     *
     * @param guestTables what the guest wrote into its own context, stream or device table entry, vendor-specific
     * @throws IommuException EOPNOTSUPP
     */
    default DriverDomain domainAllocNested(DeviceContext device, DriverDomain parent, List<Long> guestTables) {
        throw new IommuException(Errno.EOPNOTSUPP, "The driver of " + device.name() + " has no nested domains");
    }

    /** The layouts of other people's page tables that the unit can walk for a PASID of the device. */
    default Set<SharedTables.Format> sharedFormats(DeviceContext device) {
        return Set.of();
    }

    /**
     * A domain of type SVA for page tables that are not the driver's ({@code domain_alloc_sva}). It is attached to PASIDs only, maps
     * nothing, and invalidates like any other ({@link DriverDomain#iotlbSync}); {@link DriverDomain#free} leaves the tables alone.
     *
     * @param tables of a format of {@link #sharedFormats}
     * @throws IommuException EOPNOTSUPP; ENOSPC without a free tag
     */
    default DriverDomain domainAllocSva(DeviceContext device, SharedTables tables) {
        throw new IommuException(Errno.EOPNOTSUPP, "The driver of " + device.name() + " shares no address spaces");
    }

    /**
     * Takes out of the hardware's queues what the device has asked for until now: when this returns, {@link FaultSink#pageRequest} has
     * returned for each of its requests that hardware had taken, whoever took them out, or it was answered. Stop markers are
     * consumed on the way. Where a queue overflows meanwhile, it is started again and this goes on; it ends although a stop
     * marker or a whole group was lost. Called under the group's mutex, when PASID or device can issue no more requests: after its
     * PASID was blocked and its caches are invalidated, and before it is released. Not waited for: answers.
     *
     * @param pasid the PASID that ends; {@link sluicegate.api.types.Pasid#NONE} for everything of the device
     */
    default void drainPageRequests(DeviceContext device, int pasid) {}

    /**
     * Answers a page request group. Must complete the request in hardware. Called once for each request with {@link
     * PageRequest#last} that was given to {@link FaultSink#pageRequest}, from any thread, also from within that; not after
     * {@link #releaseDevice} of the device.
     */
    default void pageResponse(DeviceContext device, PageRequest request, PageResponse response) {
        throw new IommuException(Errno.EOPNOTSUPP, "The driver of " + device.name() + " serves no page requests");
    }

    /**
     * How many page requests the device was told that it may have outstanding (PCI Express 10.5.2.4); {@link Integer#MAX_VALUE} if
     * nothing limits them. Asked once, after {@link #probeDevice}. Of a device that exceeds it the core takes {@link
     * #allowPageRequests the right to ask} away.
     */
    default int pageRequestLimit(DeviceContext device) {
        return Integer.MAX_VALUE;
    }

    /**
     * Takes the right to ask for pages from a device that floods the queue that it shares with others, or gives it back. Without
     * it, page requests are off at the device, and the unit keeps them out of its queue where it has a bit for that; attachments
     * and other DMA stay as they are. That holds over attaches until it is changed or the device is probed anew. What was in
     * the queue has been reported when this returns. Called under the group's mutex.
     */
    default void allowPageRequests(DeviceContext device, boolean allowed) {}

    /** What the hardware reads for a request of this device, entry by entry, from registers and memory as they are now. */
    List<WalkStep> walk(DeviceContext device, int pasid, long iova);

    /** The unit's registers, decoded. Reading them changes nothing. */
    List<DecodedRegister> registers();

    /**
     * The driver has been told all that the core remembers of a unit that it was given {@linkplain ProbeContext#held held}. What
     * it has left alone until now because an earlier driver had put it there is to abort from now on, and tables that nothing
     * points to any more go back to the arena.
     */
    default void adopted() {}

    /**
     * Ends the binding: waits for the hardware to finish what it was told, then leaves it as {@code policy} says. Interrupts
     * are disconnected when this returns.
     */
    void leave(LeavePolicy policy);
}
