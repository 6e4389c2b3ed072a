package sluicegate.hw.amdvi;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.GroupFactory;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.WalkStep;
import sluicegate.hw.common.PciFeatures;
import sluicegate.spec.amdvi.CompletePprCommand;

/** One unit with this driver bound to it: its operations. Made by {@link UnitStart}. */
final class AmdviUnit implements IommuOps {
    private final String name;
    private final IommuUnit unit;
    private final AmdviCapabilities capabilities;
    private final PagingTables tables;
    private final UnitParts parts;
    private final DomainIds domainIds;
    private final BlockedDomain blocked;
    private final IdentityDomain identity;
    private final Set<AmdviDomain> domains = new HashSet<>();
    /** How many probed devices send requests with a device id: bridges make several share one. */
    private final Map<Integer, Integer> users = new HashMap<>();
    /** Groups of devices that are no PCI functions, by device id. */
    private final Map<Integer, DeviceGroup> namedGroups = new ConcurrentHashMap<>();
    private final Map<Integer, AmdviDevice> devices = new ConcurrentHashMap<>();
    /** Devices that have left and could not be blocked: hardware may still know what was theirs. */
    private final Set<AmdviDevice> unblocked = ConcurrentHashMap.newKeySet();
    /** What firmware wants in the entries of some device ids. */
    private final Map<Integer, Integer> settings = new ConcurrentHashMap<>();
    /** As long as hardware uses the device table of an earlier driver. */
    private volatile Optional<Takeover> takeover;

    /** @param settings what firmware wants in the entries of device ids that have no device on a bus */
    AmdviUnit(IommuUnit unit, AmdviCapabilities capabilities, PagingTables tables, UnitParts parts, Map<Integer, Integer> settings,
            Optional<Takeover> takeover) {
        this.name = parts.window().unit();
        this.unit = unit;
        this.capabilities = capabilities;
        this.tables = tables;
        this.parts = parts;
        this.settings.putAll(settings);
        this.domainIds = new DomainIds(name);
        this.takeover = takeover;
        takeover.ifPresent(present -> present.begin(domainIds));
        this.blocked = new BlockedDomain(this);
        this.identity = new IdentityDomain(this);
    }

    String name() {
        return name;
    }

    AmdviCapabilities capabilities() {
        return capabilities;
    }

    DeviceTable deviceTable() {
        return parts.deviceTable();
    }

    Invalidator invalidator() {
        return parts.invalidator();
    }

    DomainIds domainIds() {
        return domainIds;
    }

    /** Whether hardware does not use the entries of this driver yet, but those of an earlier one. */
    boolean takesOver() {
        return takeover.isPresent();
    }

    PhysicalMemory memory() {
        return unit.memory();
    }

    MemoryArena arena() {
        return unit.arena();
    }

    @Override
    public boolean capable(DeviceContext device, Capability capability) {
        return switch (capability) {
            case CACHE_COHERENCY, DEFERRED_FLUSH, ENFORCE_CACHE_COHERENCY -> true;
            case DIRTY_TRACKING -> capabilities.dirtyTracking();
            case PCI_ATS_SUPPORTED -> capabilities.deviceTlbs() && PciFeatures.of(device, AmdviDevice.OFFER).hasAts();
            case NOEXEC, PRE_BOOT_PROTECTION -> false;
        };
    }

    /** A specifier is a device id, and what its entry gets from firmware if that says so ({@link DeviceEntry#withSetting}). */
    @Override
    public void ofXlate(DeviceContext device, List<Integer> specifier) {
        if (specifier.isEmpty() || specifier.size() > 2 || specifier.get(0) >>> 16 != 0
                || specifier.size() == 2 && specifier.get(1) >>> 8 != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: %s is no device id of %s; firmware has to give a requester id of 16 bits and at "
                    + "most a setting of 8 bits", name, specifier, device.name());
        }
        int id = specifier.get(0);
        if (specifier.size() == 2) {
            settings.put(id, specifier.get(1));
        }
        device.addId(id);
    }

    int settingOf(int deviceId) {
        return settings.getOrDefault(deviceId, 0);
    }

    @Override
    public void probeDevice(DeviceContext context) {
        if (context.ids().isEmpty()) {
            throw IommuException.of(Errno.ENODEV, "%s: firmware gives no requester id for %s", name, context.name());
        }
        var device = new AmdviDevice(this, context);
        synchronized (users) {
            context.ids().forEach(id -> users.merge(id, 1, Integer::sum));
        }
        context.ids().forEach(id -> devices.putIfAbsent(id, device));
        context.setDriverData(device);
        try {
            for (int id : context.ids()) {
                if (settingOf(id) != 0 && isLastUser(id)) {
                    deviceTable().write(id, DeviceEntry.BLOCKED.withSetting(settingOf(id)));
                }
            }
        } catch (RuntimeException e) {
            forgetDevice(context, device);
            throw e;
        }
    }

    @Override
    public void releaseDevice(DeviceContext context) {
        var device = deviceOf(context);
        try {
            device.release(context.ids().stream().filter(this::isLastUser).mapToInt(Integer::intValue).toArray());
        } catch (RuntimeException e) {
            unblocked.add(device);
            throw e;
        } finally {
            forgetDevice(context, device);
            // What the core did not take any more held up others' requests.
            takePageRequests();
        }
    }

    private void forgetDevice(DeviceContext context, AmdviDevice device) {
        synchronized (users) {
            context.ids().forEach(id -> users.computeIfPresent(id, (same, count) -> count == 1 ? null : count - 1));
            namedGroups.keySet().retainAll(users.keySet());
        }
        context.ids().forEach(id -> devices.remove(id, device));
    }

    private boolean isLastUser(int id) {
        synchronized (users) {
            return users.getOrDefault(id, 0) <= 1;
        }
    }

    /** Whether other devices' requests have one of the ids too. */
    boolean sharesIds(int[] ids) {
        for (int id : ids) {
            if (!isLastUser(id)) {
                return true;
            }
        }
        return false;
    }

    /** @throws IommuException EINVAL for a device that was not probed here */
    AmdviDevice deviceOf(DeviceContext context) {
        if (context.driverData().orElse(null) instanceof AmdviDevice device && device.unit() == this) {
            return device;
        }
        throw IommuException.of(Errno.EINVAL, "%s: %s is not a device of this unit; probe it first", name, context.name());
    }

    /** {@inheritDoc} Devices that ACPI names and that share an id are one to the unit ({@code acpihid_device_group}). */
    @Override
    public DeviceGroup deviceGroup(DeviceContext device, GroupFactory groups) {
        if (device.device() instanceof PciFunction) {
            return groups.pciDeviceGroup(device);
        }
        var shared = device.ids().stream().filter(namedGroups::containsKey).map(namedGroups::get).findFirst();
        var group = shared.map(DeviceGroup::reference).orElseGet(() -> groups.genericDeviceGroup(device));
        device.ids().forEach(id -> namedGroups.put(id, group));
        return group;
    }

    @Override
    public List<ReservedRegion> reservedRegions(DeviceContext device) {
        return ReservedRanges.of(unit, device, capabilities.hyperTransportRange());
    }

    @Override
    public int maxPasids() {
        return capabilities.guestTablesForAll() ? 1 << capabilities.pasidBits() : 0;
    }

    @Override
    public Optional<DriverDomain> identityDomain() {
        return Optional.of(identity);
    }

    @Override
    public BlockedDomain blockedDomain() {
        return blocked;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Guest tables for domains that are to allow PASIDs or to serve page requests; host tables for those that are to track dirty
     * pages or to be parents, which they alone can; what was chosen for all others ({@code amd_iommu_domain_alloc_paging_flags}).
     */
    @Override
    public DriverDomain domainAllocPaging(DeviceContext device, Set<AllocFlag> flags) {
        boolean guest = flags.contains(AllocFlag.PASID) || flags.contains(AllocFlag.FAULTS);
        boolean dirty = flags.contains(AllocFlag.DIRTY_TRACKING);
        boolean parent = flags.contains(AllocFlag.NEST_PARENT);
        if (parent && (guest || !capabilities.nesting()) || guest && (dirty || !capabilities.guestTablesForAll())
                || flags.contains(AllocFlag.FAULTS) && !capabilities.pageRequests() || dirty && !capabilities.dirtyTracking()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: no domain can have %s here: guest tables%s, dirty tracking%s, page "
                    + "requests%s, nesting%s", name, EnumSet.copyOf(flags), capabilities.guestTablesForAll() ? " yes" : " no",
                    capabilities.dirtyTracking() ? " with host tables" : " no", capabilities.pageRequests() ? " yes" : " no",
                    capabilities.nesting() ? " with host tables" : " no");
        }
        boolean guestTables = guest || tables == PagingTables.GUEST && !dirty && !parent;
        AmdviDomain domain = guestTables ? new GuestDomain(this) : new HostDomain(this, dirty, parent);
        synchronized (domains) {
            domains.add(domain);
        }
        return domain;
    }

    /** @param guestTables the four words of the guest's device table entry */
    @Override
    public DriverDomain domainAllocNested(DeviceContext device, DriverDomain parent, List<Long> guestTables) {
        if (!(parent instanceof HostDomain host) || host.unit() != this || !host.isParent()) {
            throw IommuException.of(Errno.EINVAL, "%s: a nested domain of %s needs a parent of this unit that was allocated as one",
                    name, device.name());
        }
        return new NestedDomain(host, guestTables);
    }

    /** Those of the levels that all its guest tables have, if hardware has the bit that forbids execution. */
    @Override
    public Set<SharedTables.Format> sharedFormats(DeviceContext device) {
        if (!capabilities.guestTablesForAll() || !capabilities.pageRequests() || !capabilities.noExecute()) {
            return Set.of();
        }
        return Set.of(capabilities.guestFormat().levels() == 4 ? SharedTables.Format.X86_64_4_LEVELS
                : SharedTables.Format.X86_64_5_LEVELS);
    }

    @Override
    public DriverDomain domainAllocSva(DeviceContext device, SharedTables tables) {
        if (!sharedFormats(device).contains(tables.format())) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: the unit can't walk page tables of %s", name, tables.format().word());
        }
        var domain = new GuestDomain(this, tables);
        synchronized (domains) {
            domains.add(domain);
        }
        return domain;
    }

    void forget(AmdviDomain domain) {
        synchronized (domains) {
            domains.remove(domain);
        }
    }

    /** The largest PASID for which a device may ask for pages, plus one. */
    int pageRequestPasids(int deviceId) {
        var device = devices.get(deviceId);
        return device == null ? 0 : device.pageRequestPasids();
    }

    /** Whether answers to page requests of a device have to carry the PASID; so they do if nobody knows. */
    boolean answersWithPasid(int deviceId) {
        var device = devices.get(deviceId);
        return device == null || device.answersWithPasid();
    }

    /** Hands on what devices have asked for until now. */
    void takePageRequests() {
        parts.pageRequests().ifPresent(PageRequestLog::drain);
    }

    @Override
    public int pageRequestLimit(DeviceContext device) {
        return deviceOf(device).pageRequestLimit();
    }

    @Override
    public void allowPageRequests(DeviceContext device, boolean allowed) {
        deviceOf(device).allowPageRequests(allowed);
    }

    /** Page requests are taken out by whoever comes first; this waits for who came before. */
    @Override
    public void drainPageRequests(DeviceContext device, int pasid) {
        takePageRequests();
    }

    @Override
    public void pageResponse(DeviceContext device, PageRequest request, PageResponse response) {
        // The request says which device; the core may just be letting go of it, and still has to have it answered.
        int code = switch (response) {
            case SUCCESS -> CompletePprCommand.SUCCESS;
            case INVALID -> CompletePprCommand.INVALID;
            case FAILURE -> CompletePprCommand.FAILURE;
        };
        int pasid = answersWithPasid(request.sourceId()) ? request.pasid() : Pasid.NONE;
        invalidator().answer(request.sourceId(), pasid, request.group(), code);
    }

    @Override
    public List<WalkStep> walk(DeviceContext device, int pasid, long iova) {
        if (device.ids().isEmpty()) {
            throw IommuException.of(Errno.EINVAL, "%s: %s has no device id, so nothing can be walked", name, device.name());
        }
        return new TableWalk(capabilities, parts.window(), unit.memory()).walk(device.ids().get(device.ids().size() - 1), pasid, iova);
    }

    @Override
    public List<DecodedRegister> registers() {
        return Decoding.registers(parts.window());
    }

    /** {@inheritDoc} Page requests that have waited in the log are handed on now: whoever serves them is attached. */
    @Override
    public void adopted() {
        if (takeover.isPresent()) {
            takeover.get().end(domainIds, parts);
            takeover = Optional.empty();
            devices.values().stream().distinct().forEach(AmdviDevice::adopted);
            parts.pageRequests().ifPresent(PageRequestLog::begin);
            parts.interrupt().rearm();
            parts.drainLogs();
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The unit goes on translating with its device table. BLOCK makes every entry block; the table is the fence, the one allocation
     * that stays in the arena, and the next driver's start takes it back. KEEP leaves entries and all tables that a device
     * uses, and the logs, in which events and page requests wait for the next driver until they are full; page requests that are there
     * already wait with them. In both cases the command buffer is emptied, and what does not stay is switched off and given back.
     *
     * @throws IommuException ETIMEDOUT, EIO or EINVAL if the hardware does not forget; its memory is not given back then
     */
    @Override
    public void leave(LeavePolicy policy) {
        adopted();
        parts.interrupt().close();
        boolean block = policy == LeavePolicy.BLOCK;
        if (block) {
            parts.drainLogs();
            devices.values().forEach(AmdviDevice::stopAsking);
            deviceTable().clear();
            invalidator().everything();
            devices.values().stream().distinct().forEach(AmdviDevice::discard);
            unblocked.forEach(AmdviDevice::discard);
            parts.drainLogs();
        } else {
            parts.events().drain();
            devices.values().stream().distinct().forEach(AmdviDevice::discardIfBlocked);
        }
        synchronized (domains) {
            for (var domain : domains) {
                // Without a device, no entry leads to it: nobody would ever find it again.
                if (domain instanceof HostDomain host && (block || !host.isUsed())) {
                    host.discard();
                } else if (domain instanceof GuestDomain guest && (block || !guest.isUsed())) {
                    guest.discard();
                }
            }
            domains.clear();
        }
        devices.clear();
        parts.stop(!block);
    }
}
