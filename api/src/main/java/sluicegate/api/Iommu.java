package sluicegate.api;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;

/** The IOMMU service: everything that an application does starts here. */
@ProviderType
public interface Iommu {

    /** All devices of all machines, in the order of their names. */
    List<Device> devices();

    /**
     * @param name such as {@code 0000:00:05.0}; {@code 00:05.0} is enough if it is unique
     * @throws IommuException ENODEV if there is no such device, EINVAL if the short name fits several
     */
    Device device(String name);

    /** In the order of their numbers. */
    List<Group> groups();

    /** @throws IommuException ENOENT if there is no such group */
    Group group(int id);

    /**
     * Puts a device without an IOMMU into a group of its own, so that it can be handed to an owner all the same (VFIO's no-IOMMU
     * mode). Nothing keeps such a device from any memory, so the platform counts as {@link #taints tainted} from then on.
     * Harmless when repeated. The group ends with the device.
     *
     * @throws IommuException EBUSY if the device is in a real group, or its IOMMU waits for a driver; ENODEV if it was removed
     */
    Group makeNoIommuGroup(Device device);

    /** Why the platform's protection is not what it seems ({@code add_taint}), one sentence each; empty if nothing is wrong. */
    List<String> taints();

    /** In the order of their names. */
    List<Unit> units();

    /** @throws IommuException ENODEV if there is no such unit */
    Unit unit(String name);

    /**
     * The unit that sees requests with a requester id, whether the id belongs to a device or not (a bridge's alias does not).
     *
     * @throws IommuException ENODEV if no unit does, or several could and firmware does not say which
     */
    Unit unitInFrontOf(PciAddress requester);

    /** Every driver that is registered, the one that would be picked first at the front. */
    List<DriverInfo> drivers();

    /** All domains, default domains among them, in the order in which they were made. */
    List<Domain> domains();

    /** @throws IommuException ENOENT if there is no such domain */
    Domain domain(String name);

    /**
     * Allocates an unmanaged paging domain that suits {@code device} ({@code iommu_paging_domain_alloc_flags}).
     *
     * @throws IommuException ENODEV if no IOMMU with a driver is in front of the device, EOPNOTSUPP if a flag cannot be
     *     honoured, ENOMEM, ENOSPC if the unit has no free domain id
     */
    Domain allocateDomain(Device device, Set<AllocFlag> flags);

    /**
     * The same for a domain whose devices may ask for pages: it is allocated with {@link AllocFlag#FAULTS}.
     *
     * @param handler serves what devices ask for that are attached to it, with or without a PASID
     */
    Domain allocateDomain(Device device, Set<AllocFlag> flags, PageRequestHandler handler);

    /**
     * Allocates a nested domain: a guest's own tables, whose addresses {@code parent} translates further ({@code
     * iommu_domain_alloc_nested}). It holds no mappings of its own; the parent lives as long as it does.
     *
     * @param parent a domain of the same unit that was allocated with {@link AllocFlag#NEST_PARENT}
     * @param guestTables what the guest wrote into its own context, stream or device table entry, vendor-specific
     * @throws IommuException EINVAL if the parent is none or of another unit, or what the guest wrote makes no sense; EOPNOTSUPP
     *     if the unit's driver has no nested domains; otherwise as {@link #allocateDomain}
     */
    Domain allocateNestedDomain(Device device, Domain parent, List<Long> guestTables);

    /**
     * Takes a PASID out of those that are the same for all devices ({@code iommu_alloc_global_pasid}), the lowest that is free; nobody
     * else is given it until {@link #freePasid}. Whoever needs a PASID on one device only may choose one.
     *
     * @throws IommuException ENODEV if no IOMMU with a driver is in front of the device; EOPNOTSUPP if it can have no PASIDs; ENOSPC
     *     if all that it can have are taken
     */
    int allocatePasid(Device device);

    /** Gives it back, after every device has detached it. @throws IommuException EINVAL if nobody took it */
    void freePasid(int pasid);

    /**
     * Lets a device share an address space ({@code iommu_sva_bind_device}). Its page requests are served by the space. A space has one
     * PASID for all devices, from its first bind until it has ended and nobody is bound any more.
     *
     * @param whenEnded called when the space has ended under the device, on the thread that ended it; nothing translates by then, and
     *     the device should be stopped and unbound
     * @return the same as before, with one bind more to give up, if the two are bound already
     * @throws IommuException ENODEV without a group; EBUSY if the unit can't walk the space's tables, or another domain has the PASID;
     *     EOVERFLOW if the device can't have the space's PASID; ENOSPC if all PASIDs are taken; EOPNOTSUPP if the unit shares no
     *     address spaces or the device has no PASIDs; EINVAL if the space's tables are in another machine's memory; ENOENT if the
     *     space has ended
     */
    SvaBinding bind(Device device, AddressSpace space, Consumer<SvaBinding> whenEnded);

    /** Who shares address spaces now. */
    List<SvaBinding> bindings();

    /** The latest faults, oldest first; at most some thousand are kept. */
    List<Fault> recentFaults();

    /** A registered driver. */
    record DriverInfo(String name, String bundle, String version, int ranking, List<String> compatible, List<String> units) {
        public DriverInfo {
            compatible = List.copyOf(compatible);
            units = List.copyOf(units);
        }
    }
}
