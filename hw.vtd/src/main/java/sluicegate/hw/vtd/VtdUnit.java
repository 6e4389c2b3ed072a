package sluicegate.hw.vtd;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.GroupFactory;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.LeavePolicy;
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
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;

/**
 * One unit with this driver bound to it: its operations. Made by {@link UnitStart}.
 *
 * <p>What holds for a unit in legacy mode: no PASIDs, no page requests, no dirty tracking, no nesting. ATS is left off (TT 00b)
 * although the unit may have it.
 */
final class VtdUnit implements IommuOps {
    private final String name;
    private final IommuUnit unit;
    private final VtdCapabilities capabilities;
    private final VtdWindow window;
    private final ContextTables contexts;
    private final Invalidator invalidator;
    private final FaultLog faults;
    private final DomainIds domainIds;
    private final BlockedDomain blocked;
    private final Optional<DriverDomain> identity;
    private final Set<PagingDomain> domains = new HashSet<>();
    /** How many probed devices send requests with a source id: bridges make several share one. */
    private final Map<Integer, Integer> users = new HashMap<>();

    VtdUnit(IommuUnit unit, VtdCapabilities capabilities, VtdWindow window, ContextTables contexts, Invalidator invalidator,
            FaultLog faults) {
        this.name = window.unit();
        this.unit = unit;
        this.capabilities = capabilities;
        this.window = window;
        this.contexts = contexts;
        this.invalidator = invalidator;
        this.faults = faults;
        this.domainIds = new DomainIds(name, capabilities.domainIds());
        this.blocked = new BlockedDomain(this);
        this.identity = capabilities.passThrough() ? Optional.of(new IdentityDomain(this)) : Optional.empty();
    }

    String name() {
        return name;
    }

    VtdCapabilities capabilities() {
        return capabilities;
    }

    VtdWindow window() {
        return window;
    }

    Invalidator invalidator() {
        return invalidator;
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
            case NOEXEC, PRE_BOOT_PROTECTION, DIRTY_TRACKING, PCI_ATS_SUPPORTED -> false;
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
    public void probeDevice(DeviceContext device) {
        if (device.ids().isEmpty()) {
            throw IommuException.of(Errno.ENODEV, "%s: firmware gives no requester id for %s", name, device.name());
        }
        synchronized (users) {
            device.ids().forEach(id -> users.merge(id, 1, Integer::sum));
        }
        device.setDriverData(new Attachment(this, blocked));
    }

    @Override
    public void releaseDevice(DeviceContext device) {
        var attachment = attachment(device);
        RuntimeException failure = null;
        for (int id : device.ids()) {
            if (isLastUser(id)) {
                failure = block(id, failure);
            }
        }
        attachment.blocked(failure);
        synchronized (users) {
            device.ids().forEach(id -> users.computeIfPresent(id, (same, count) -> count == 1 ? null : count - 1));
        }
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
    public DriverDomain blockedDomain() {
        return blocked;
    }

    @Override
    public DriverDomain domainAllocPaging(DeviceContext device, Set<AllocFlag> flags) {
        if (!flags.isEmpty()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: a domain of a unit in legacy mode can't have %s", name, flags);
        }
        var domain = new PagingDomain(this);
        synchronized (domains) {
            domains.add(domain);
        }
        return domain;
    }

    void forget(PagingDomain domain) {
        synchronized (domains) {
            domains.remove(domain);
        }
    }

    @Override
    public List<WalkStep> walk(DeviceContext device, int pasid, long iova) {
        if (device.ids().isEmpty()) {
            throw IommuException.of(Errno.EINVAL, "%s: %s has no source id, so nothing can be walked", name, device.name());
        }
        return new TableWalk(capabilities, window, unit.memory()).walk(device.ids().get(0), pasid, iova);
    }

    @Override
    public List<DecodedRegister> registers() {
        return Decoding.registers(capabilities, window);
    }

    /**
     * Moves all ids of a device to a domain, or none.
     *
     * <p>Blocking goes on over errors: what could not be invalidated is at least not present. Its old domain then counts as
     * used until a later change of the device succeeds, because until then nobody knows what hardware still has of it.
     */
    void attach(DeviceContext device, VtdDomain target) {
        var attachment = attachment(device);
        if (target.unit() != this) {
            throw IommuException.of(Errno.EINVAL, "%s: a domain of %s can't serve %s, which is behind another unit; allocate one "
                    + "for this device", name, target.unit().name, device.name());
        }
        if (target == blocked) {
            RuntimeException failure = null;
            for (int id : device.ids()) {
                failure = block(id, failure);
            }
            attachment.blocked(failure);
            return;
        }
        target.acquire();
        try {
            write(device, attachment.domain, target);
        } catch (RuntimeException e) {
            target.release();
            throw e;
        }
        attachment.moved(target);
    }

    private void write(DeviceContext device, VtdDomain old, VtdDomain target) {
        var ids = device.ids();
        for (int i = 0; i < ids.size(); i++) {
            try {
                contexts.write(ids.get(i), target.contextLow(), target.contextHigh());
            } catch (RuntimeException e) {
                for (int back = i; back >= 0; back--) {
                    try {
                        contexts.write(ids.get(back), old.contextLow(), old.contextHigh());
                    } catch (RuntimeException again) {
                        e.addSuppressed(again);
                    }
                }
                throw e;
            }
        }
    }

    private RuntimeException block(int id, RuntimeException earlier) {
        try {
            contexts.write(id, blocked.contextLow(), blocked.contextHigh());
            return earlier;
        } catch (RuntimeException e) {
            if (earlier == null) {
                return e;
            }
            earlier.addSuppressed(e);
            return earlier;
        }
    }

    private Attachment attachment(DeviceContext device) {
        if (device.driverData().orElse(null) instanceof Attachment attachment && attachment.unit == this) {
            return attachment;
        }
        throw IommuException.of(Errno.EINVAL, "%s: %s is not a device of this unit%s", name, device.name(),
                device.ids().isEmpty() ? "" : " (source id " + Hex.of(device.ids().get(0)) + "); probe it first");
    }

    /**
     * {@inheritDoc}
     *
     * <p>BLOCK leaves translation on with a root table that is all zero, so that every source goes on faulting with nobody
     * behind the unit. That page is the fence: it is the one allocation that stays in the arena, and the next driver's start
     * takes it back. KEEP leaves root, context and those page tables that a device uses. In both cases the queue is emptied, switched off and given back,
     * and the fault event masked; faults stay in their registers for the next driver.
     *
     * @throws IommuException ETIMEDOUT, EIO or EINVAL if the hardware does not forget; its memory is not given back then
     */
    @Override
    public void leave(LeavePolicy policy) {
        faults.drain();
        faults.close();
        if (policy == LeavePolicy.BLOCK) {
            contexts.clear();
            invalidator.contextCache(ContextCacheInvalidateDescriptor.GLOBAL, 0, 0);
            invalidator.iotlb(IotlbInvalidateDescriptor.GLOBAL, 0, 0, 0, false);
            contexts.free();
        }
        synchronized (domains) {
            for (var domain : domains) {
                // Without a device, no context entry leads to it: nobody would ever find it again.
                if (policy == LeavePolicy.BLOCK || !domain.isUsed()) {
                    domain.discard();
                }
            }
            domains.clear();
        }
        invalidator.stop();
    }

    /** What a device is attached to; guarded by its group's mutex, which the core holds. */
    private static final class Attachment {
        private final VtdUnit unit;
        private VtdDomain domain;
        /** What it was attached to before, if hardware may still know. */
        private Optional<VtdDomain> lingering = Optional.empty();

        Attachment(VtdUnit unit, VtdDomain domain) {
            this.unit = unit;
            this.domain = domain;
        }

        /** All entries lead to {@code target}, and the hardware has forgotten what was before. */
        void moved(VtdDomain target) {
            domain.release();
            lingering.ifPresent(VtdDomain::release);
            lingering = Optional.empty();
            domain = target;
        }

        /** No entry is present any more; with a failure, hardware may not know that yet. */
        void blocked(RuntimeException failure) {
            if (failure == null) {
                moved(unit.blocked);
                return;
            }
            if (domain != unit.blocked) {
                lingering = Optional.of(domain);
                domain = unit.blocked;
            }
            throw failure;
        }
    }
}
