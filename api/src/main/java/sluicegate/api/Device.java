package sluicegate.api;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.Translation;
import sluicegate.api.types.WalkStep;

/** A device that can issue DMA, and what stands between it and memory. */
@ProviderType
public interface Device {

    /** Such as {@code 0000:00:05.0}. */
    String name();

    /** The device on its bus: its configuration and its DMA engine. */
    BusDevice busDevice();

    State state();

    /** The unit in front of it, also while that waits for a driver; empty if no IOMMU is in front of it. */
    Optional<Unit> unit();

    /** Its group, from the moment it was probed. */
    Optional<Group> group();

    /** The domain that its requests without a PASID use now. */
    Optional<Domain> domain();

    /**
     * To what one of its PASIDs is attached ({@code iommu_attach_handle_get}). Takes no lock and allocates nothing.
     *
     * @return empty if nothing is, or is just being attached
     */
    Optional<PasidAttachment> attachment(int pasid);

    /** Layouts of page tables of address spaces that it can share ({@link Iommu#bind}); empty if it can share none. */
    Set<SharedTables.Format> sharedFormats();

    /** What became of its page requests. */
    PageRequestCounts pageRequests();

    /** What keeps it from being probed, if something does. */
    Optional<String> problem();

    /**
     * Whether an IOMMU with a driver serves it now ({@code dev_has_iommu}). Not the same as being in a group: a device without an
     * IOMMU can be in one that was made for it ({@link Iommu#makeNoIommuGroup}).
     */
    boolean hasIommu();

    /** The driver of the device itself; empty while none is bound. */
    Optional<DeviceDriver> deviceDriver();

    /**
     * Binds the device's own driver, as the kernel's driver core does in {@code really_probe}. Unless the driver manages DMA
     * itself, the group's default domain is in use from then on. Devices without an IOMMU can be bound, too.
     *
     * @throws IommuException EPROBE_DEFER if its unit has no driver yet or the device is just being probed: bind it again when it
     *     is {@link State#READY}; ETIMEDOUT if it has waited for longer than the core's bound on that; EBUSY if a driver is bound,
     *     or its group is attached to another domain than its default one; ENODEV if it was removed, or its unit's driver could
     *     not take it, so that all its DMA would be refused
     */
    void bind(DeviceDriver driver);

    /**
     * Unbinds the device's own driver. That is not removal: the device stays in its group, known to its unit, and attached to
     * the default domain, in which nothing should be mapped by now; so its DMA faults and is never passed through.
     *
     * @throws IommuException ENODEV if no driver is bound
     */
    void unbind();

    /** Whether its unit offers {@code capability} to it; false without a unit or driver ({@code device_iommu_capable}). */
    boolean capable(Capability capability);

    /** Reserved IOVA ranges, merged and sorted; empty without a unit. */
    List<ReservedRegion> reservedRegions();

    /**
     * What the hardware answers to a request now. Where the machine's hardware can be asked without a trace, it is asked;
     * else the answer is read from registers and tables as the hardware would read them.
     *
     * @param pasid {@link sluicegate.api.types.Pasid#NONE} or a PASID
     * @param write whether to ask for a write; a read otherwise
     * @throws IommuException ENODEV if no IOMMU with a driver is in front of the device
     */
    Translation translate(int pasid, long iova, boolean write);

    /**
     * Each entry that the hardware reads for a request, decoded.
     *
     * @throws IommuException ENODEV as for {@link #translate}
     */
    List<WalkStep> walk(int pasid, long iova);

    /**
     * Claims the device, and with it its group, for {@code owner} ({@code iommu_device_claim_dma_owner}). Every claim of the same
     * owner, also for other members, counts one more.
     *
     * @throws IommuException ENODEV without a group; EPERM if somebody else owns the group or a member's driver uses it;
     *     otherwise as {@link Group#claim}
     */
    void claim(Object owner);

    /**
     * Gives up one claim; with the last one members return to the default domain ({@code iommu_device_release_dma_owner}).
     *
     * @throws IommuException ENODEV without a group; otherwise as {@link Group#release}
     */
    void release(Object owner);

    /**
     * To be called before the device's own driver is bound, unless that driver means to claim the device: it will use what the
     * default domain gives it, so that nobody can claim the group ({@code iommu_device_use_default_domain}). Nothing happens
     * without a group.
     *
     * @throws IommuException EPROBE_DEFER while the group has no default domain yet; EBUSY if the group is claimed, or used
     *     already and yet attached to another domain or with PASIDs
     */
    void useDefaultDomain();

    /**
     * The counterpart, after the device's driver was unbound ({@code iommu_device_unuse_default_domain}).
     *
     * @throws IommuException EINVAL if nobody uses the default domain
     */
    void unuseDefaultDomain();

    /**
     * To be called before the device is reset: until {@link #resetDone} all its DMA is refused, with and without PASIDs, and
     * nothing of it can be attached; what its group is attached to stays on record ({@code pci_dev_reset_iommu_prepare}). Resets
     * may nest; the last {@link #resetDone} counts. Nothing happens without a group.
     *
     * @throws IommuException what blocking it fails with; nothing has changed then
     */
    void prepareReset();

    /**
     * The counterpart, after the reset: the device is attached again to what its group is attached to by now ({@code
     * pci_dev_reset_iommu_done}). If it does not let itself be attached it stays blocked, see {@link #problem}. Harmless if no
     * reset is under way.
     */
    void resetDone();

    /** Whether it is between {@link #prepareReset} and {@link #resetDone}. */
    boolean inReset();

    /** Where a device is in its life. */
    enum State {
        /** No unit in front of it: DMA goes straight to memory. */
        NO_IOMMU,
        /** Its unit waits for a driver. */
        DEFERRED,
        /** Probed, in a group, attached to a domain. */
        READY,
        /** Probing failed; see {@link Device#problem}. */
        FAILED,
        /** It was removed from its bus. */
        GONE;

        /** Lower-case word, as the shell prints it. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }
}
