package sluicegate.hw.vtd;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DomainType;
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
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.WalkStep;
import sluicegate.spec.vtd.FirstStageMode;
import sluicegate.spec.vtd.PageGroupResponseDescriptor;

/** One unit with this driver bound to it: its operations. Made by {@link UnitStart}. */
final class VtdUnit implements IommuOps {
    /** How often a drain of page requests is repeated because the queue was full meanwhile. */
    private static final int DRAINS = 16;
    /** What SATC structures say of devices behind the unit, by requester id. */
    private static final String ATC_REQUIRED = "atc-required";

    private final String name;
    private final IommuUnit unit;
    private final VtdCapabilities capabilities;
    private final UnitParts parts;
    private final DomainIds domainIds;
    private final BlockedDomain blocked;
    private final EndedDomain ended = new EndedDomain(this);
    private final Optional<DriverDomain> identity;
    private final Set<TaggedDomain> domains = new HashSet<>();
    private final Set<Integer> atcRequired;
    /** How many probed devices send requests with a source id: bridges make several share one. */
    private final Map<Integer, Integer> users = new HashMap<>();
    private final Map<Integer, VtdDevice> devices = new ConcurrentHashMap<>();
    /** As long as hardware uses the tables of an earlier driver. */
    private volatile Optional<Takeover> takeover;

    VtdUnit(IommuUnit unit, VtdCapabilities capabilities, UnitParts parts, Optional<Takeover> takeover) {
        this.name = parts.window().unit();
        this.unit = unit;
        this.capabilities = capabilities;
        this.parts = parts;
        this.domainIds = new DomainIds(name, capabilities.domainIds());
        this.blocked = new BlockedDomain(this);
        this.atcRequired = Stream.of(unit.properties().getOrDefault(ATC_REQUIRED, "").split("[, ]+")).filter(id -> !id.isEmpty())
                .map(Integer::decode).collect(Collectors.toUnmodifiableSet());
        this.identity = capabilities.passThrough() ? Optional.of(new IdentityDomain(this)) : Optional.empty();
        parts.pageRequests().ifPresent(queue -> queue.serve(this::asksForPages));
        this.takeover = takeover;
        takeover.ifPresent(present -> present.begin(domainIds));
    }

    String name() {
        return name;
    }

    VtdCapabilities capabilities() {
        return capabilities;
    }

    VtdWindow window() {
        return parts.window();
    }

    TranslationTables tables() {
        return parts.tables();
    }

    Invalidator invalidator() {
        return parts.invalidator();
    }

    /** @throws IommuException EOPNOTSUPP in legacy mode */
    ScalableInvalidator scalable() {
        // On the way of every unmap: nothing is made for an error that is not there.
        if (parts.scalable().isEmpty()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s is used in legacy mode, which has neither PASIDs nor page requests", name);
        }
        return parts.scalable().get();
    }

    /** @throws IommuException EOPNOTSUPP without invalidation by queue: no device has a TLB of its own then */
    DeviceTlbInvalidator deviceTlbs() {
        if (parts.deviceTlbs().isEmpty()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s has no invalidation queue (ECAP_REG.QI), and no device TLBs", name);
        }
        return parts.deviceTlbs().get();
    }

    DomainIds domainIds() {
        return domainIds;
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
            case CACHE_COHERENCY, DEFERRED_FLUSH -> true;
            case ENFORCE_CACHE_COHERENCY -> capabilities.snoopControl();
            case DIRTY_TRACKING -> capabilities.dirtyTracking();
            case PCI_ATS_SUPPORTED -> device.driverData().filter(VtdDevice.class::isInstance).map(VtdDevice.class::cast)
                    .map(VtdDevice::hasAts).orElse(false);
            case NOEXEC, PRE_BOOT_PROTECTION -> false;
        };
    }

    /** One specifier is one requester id. */
    @Override
    public void ofXlate(DeviceContext device, List<Integer> specifier) {
        if (specifier.size() != 1 || specifier.get(0) >>> 16 != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: %s is no source id of %s; firmware has to give one number of 16 bits, a "
                    + "requester id", name, specifier, device.name());
        }
        device.addId(specifier.get(0));
    }

    @Override
    public void probeDevice(DeviceContext context) {
        if (context.ids().isEmpty()) {
            throw IommuException.of(Errno.ENODEV, "%s: firmware gives no requester id for %s", name, context.name());
        }
        int[] ids = context.ids().stream().mapToInt(Integer::intValue).toArray();
        int ownId = context.device() instanceof PciFunction function && function.address() != null
                && context.ids().contains(function.address().requesterId()) ? function.address().requesterId() : ids[0];
        synchronized (users) {
            var device = new VtdDevice(this, context, ids, ownId, !users.containsKey(ownId));
            for (int i = 0; i < ids.length; i++) {
                try {
                    if (!users.containsKey(ids[i])) {
                        tables().open(ids[i], ids[i] == ownId ? device.pasidBits() : 0);
                    }
                } catch (RuntimeException e) {
                    forgetUser(Arrays.copyOf(ids, i), e);
                    throw e;
                }
                users.merge(ids[i], 1, Integer::sum);
            }
            devices.putIfAbsent(ownId, device);
            context.setDriverData(device);
        }
    }

    /** Takes back what was done for the ids of a device that can't be probed after all. */
    private void forgetUser(int[] ids, RuntimeException cause) {
        for (int id : ids) {
            if (users.merge(id, -1, Integer::sum) == 0) {
                users.remove(id);
                try {
                    tables().close(id);
                } catch (RuntimeException e) {
                    cause.addSuppressed(e);
                }
            }
        }
    }

    /** @throws IommuException EINVAL for a device that was not probed here */
    VtdDevice deviceOf(DeviceContext context) {
        if (context.driverData().orElse(null) instanceof VtdDevice device && device.unit() == this) {
            return device;
        }
        throw IommuException.of(Errno.EINVAL, "%s: %s is not a device of this unit%s", name, context.name(),
                context.ids().isEmpty() ? "" : " (source id " + Hex.of(context.ids().get(0)) + "); probe it first");
    }

    @Override
    public void releaseDevice(DeviceContext context) {
        var device = deviceOf(context);
        try {
            device.release(Arrays.stream(device.ids()).filter(this::isLastUser).toArray());
        } finally {
            synchronized (users) {
                context.ids().forEach(id -> users.computeIfPresent(id, (same, count) -> count == 1 ? null : count - 1));
            }
            devices.remove(device.ownId(), device);
        }
    }

    private boolean asksForPages(int sourceId) {
        var device = devices.get(sourceId);
        return device != null && device.canAskForPages();
    }

    private boolean isLastUser(int id) {
        synchronized (users) {
            return users.getOrDefault(id, 0) <= 1;
        }
    }

    @Override
    public DeviceGroup deviceGroup(DeviceContext device, GroupFactory groups) {
        return device.device() instanceof PciFunction ? groups.pciDeviceGroup(device) : groups.genericDeviceGroup(device);
    }

    @Override
    public List<ReservedRegion> reservedRegions(DeviceContext device) {
        return ReservedRanges.of(unit, device);
    }

    /** Without pass-through there is nothing but translation ({@code device_def_domain_type}). */
    @Override
    public Optional<DomainType> defDomainType(DeviceContext device) {
        return capabilities.passThrough() ? Optional.empty() : Optional.of(DomainType.DMA);
    }

    @Override
    public Optional<DriverDomain> identityDomain() {
        return identity;
    }

    @Override
    public BlockedDomain blockedDomain() {
        return blocked;
    }

    /**
     * Whether hardware has the TLB of a device in use without being told: that of one that does not work without it, in legacy mode. Software
     * is not to switch it on then, nor to invalidate it ({@code dmar_ats_supported}).
     */
    boolean translatesByItself(int sourceId) {
        return !capabilities.scalable() && atcRequired.contains(sourceId);
    }

    /** For PASIDs whose address space has ended. */
    EndedDomain endedDomain() {
        return ended;
    }

    @Override
    public int maxPasids() {
        return capabilities.pasidBits() == 0 ? 0 : 1 << capabilities.pasidBits();
    }

    /**
     * {@inheritDoc}
     *
     * <p>The first stage where the unit has it, the second for parents of nested domains, for dirty tracking and where there is nothing
     * else ({@code intel_iommu_domain_alloc_paging_flags}).
     */
    @Override
    public DriverDomain domainAllocPaging(DeviceContext device, Set<AllocFlag> flags) {
        boolean parent = flags.contains(AllocFlag.NEST_PARENT);
        boolean dirty = flags.contains(AllocFlag.DIRTY_TRACKING);
        boolean second = parent || dirty || !capabilities.firstStage();
        require(flags.isEmpty() || capabilities.scalable(), "in legacy mode there is nothing but translation by " + flags);
        require(!parent || capabilities.nesting(), "it has no nested translation (ECAP_REG.NEST)");
        require(!dirty || capabilities.dirtyTracking(), "it keeps no dirty bits in the second stage (ECAP_REG.SSADS)");
        require(!second || capabilities.secondStage(), "it has no second stage (ECAP_REG.SSTS)");
        require(!flags.contains(AllocFlag.PASID) || maxPasids() > 0, "it has no PASIDs (ECAP_REG.PASID)");
        require(!flags.contains(AllocFlag.FAULTS) || capabilities.pageRequests(), "it takes no page requests (ECAP_REG.PRS)");
        return known(second ? new SecondStageDomain(this, flags) : new FirstStageDomain(this, flags));
    }

    private void require(boolean condition, String why) {
        if (!condition) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: the unit can't give such a domain: %s", name, why);
        }
    }

    /** @param guestTables flags, address of the top table and width of an address, as in {@code struct iommu_hwpt_vtd_s1} */
    @Override
    public DriverDomain domainAllocNested(DeviceContext device, DriverDomain parent, List<Long> guestTables) {
        require(capabilities.nesting(), "it has no nested translation (ECAP_REG.NEST)");
        if (!(parent instanceof SecondStageDomain second) || second.unit() != this || !second.isParent()) {
            throw IommuException.of(Errno.EINVAL, "%s: a nested domain of %s needs a parent of this unit that was allocated as one",
                    name, device.name());
        }
        return known(new NestedDomain(second, GuestFirstStage.of(second, guestTables)));
    }

    /** {@inheritDoc} Faults of other people's tables have to reach whoever serves them ({@code intel_iommu_sva_supported}). */
    @Override
    public Set<SharedTables.Format> sharedFormats(DeviceContext device) {
        var formats = EnumSet.noneOf(SharedTables.Format.class);
        if (capabilities.pageRequests()) {
            for (var format : SharedTables.Format.values()) {
                if (modeOf(format).filter(capabilities::canShare).isPresent()) {
                    formats.add(format);
                }
            }
        }
        return formats;
    }

    @Override
    public DriverDomain domainAllocSva(DeviceContext device, SharedTables tables) {
        require(sharedFormats(device).contains(tables.format()), "it can't walk tables of " + tables.format().word());
        return known(new FirstStageDomain(this, modeOf(tables.format()).orElseThrow(), tables));
    }

    private static Optional<FirstStageMode> modeOf(SharedTables.Format format) {
        return switch (format) {
            case X86_64_4_LEVELS -> Optional.of(FirstStageMode.LEVELS_4);
            case X86_64_5_LEVELS -> Optional.of(FirstStageMode.LEVELS_5);
            case ARM64_4K -> Optional.empty();
        };
    }

    private TaggedDomain known(TaggedDomain domain) {
        synchronized (domains) {
            domains.add(domain);
        }
        return domain;
    }

    void forget(TaggedDomain domain) {
        synchronized (domains) {
            domains.remove(domain);
        }
    }

    @Override
    public void pageResponse(DeviceContext device, PageRequest request, PageResponse response) {
        // The request says which device; the core may just be letting go of it, and still has to have it answered.
        scalable().answer(request.sourceId(), request.pasid(), request.group(), switch (response) {
            case SUCCESS -> PageGroupResponseDescriptor.SUCCESS;
            case INVALID -> PageGroupResponseDescriptor.INVALID;
            case FAILURE -> PageGroupResponseDescriptor.FAILURE;
        });
    }

    @Override
    public int pageRequestLimit(DeviceContext device) {
        return deviceOf(device).pageRequestLimit();
    }

    @Override
    public void allowPageRequests(DeviceContext device, boolean allowed) {
        deviceOf(device).allowPageRequests(allowed);
    }

    @Override
    public void drainPageRequests(DeviceContext device, int pasid) {
        drain(deviceOf(device));
    }

    /**
     * Returns when no request of a device for a page is on its way any more (section 7.10; {@code intel_iommu_drain_pasid_prq}): what
     * is in the queue is handed on, then hardware drains, and all of it once more if the queue was full meanwhile. To drain takes a fence,
     * an IOTLB invalidation, one of the device's own TLB, which answers do not pass, and a wait. Of the invalidations any will do: that of
     * the IOTLB is for a domain that nobody has.
     */
    void drain(VtdDevice device) {
        if (parts.pageRequests().isEmpty()) {
            return;
        }
        var queue = parts.pageRequests().get();
        queue.drain();
        for (int i = 0; i < DRAINS; i++) {
            scalable().fence();
            invalidator().iotlbDomain(DomainIds.RESERVED);
            device.emptyTlb();
            scalable().drainPageRequests();
            if (!queue.drain()) {
                return;
            }
        }
    }

    @Override
    public List<WalkStep> walk(DeviceContext device, int pasid, long iova) {
        if (device.ids().isEmpty()) {
            throw IommuException.of(Errno.EINVAL, "%s: %s has no source id, so nothing can be walked", name, device.name());
        }
        return new TableWalk(capabilities, parts.window(), unit.memory()).walk(device.ids().get(0), pasid, iova);
    }

    @Override
    public List<DecodedRegister> registers() {
        return Decoding.registers(capabilities, parts.window());
    }

    @Override
    public void adopted() {
        takeover.ifPresent(present -> {
            devices.values().forEach(VtdDevice::restrict);
            present.end(domainIds);
            takeover = Optional.empty();
            devices.values().forEach(VtdDevice::adopted);
            parts.pageRequests().ifPresent(PageRequestQueue::begin);
        });
    }

    /** Whether hardware still uses the tables of an earlier driver. */
    boolean takesOver() {
        return takeover.isPresent();
    }

    /** Whether what an earlier driver has switched on at devices is in use, by tables like those of this driver. */
    boolean takesOverDevices() {
        return takeover.filter(present -> !present.changesMode()).isPresent();
    }

    /**
     * {@inheritDoc}
     *
     * <p>BLOCK leaves translation on with a root table that is all zero, so that every source goes on faulting with nobody
     * behind the unit. That page is the fence: it is the one allocation that stays in the arena, and the next driver's start
     * takes it back, and no device may ask for pages any more. KEEP leaves root, context and PASID tables, those page tables that a
     * device uses, what devices may do, and the page request queue, in which requests wait for the next driver until it is full; those
     * that are there already wait with them. In both cases the invalidation queue is emptied, switched off and given back, and the
     * fault event masked; faults stay in their registers for the next driver.
     *
     * @throws IommuException ETIMEDOUT, EIO or EINVAL if the hardware does not forget; its memory is not given back then
     */
    @Override
    public void leave(LeavePolicy policy) {
        boolean block = policy == LeavePolicy.BLOCK;
        adopted();
        parts.faults().drain();
        parts.faults().close();
        if (block) {
            devices.values().forEach(VtdDevice::stopAskingForPages);
            parts.pageRequests().ifPresent(PageRequestQueue::refuseAll);
            devices.values().forEach(VtdDevice::silence);
            tables().clear();
            parts.forgetEverything();
            tables().free();
        } else {
            parts.pageRequests().ifPresent(PageRequestQueue::leave);
            tables().keep();
        }
        synchronized (domains) {
            for (var domain : domains) {
                // Without a device, no entry leads to it: nobody would ever find it again.
                if (block || !domain.isUsed()) {
                    domain.discard();
                }
            }
            domains.clear();
        }
        devices.clear();
        if (block) {
            parts.pageRequests().ifPresent(queue -> queue.stop(parts::usesBesideRequests));
        }
        invalidator().stop();
    }
}
