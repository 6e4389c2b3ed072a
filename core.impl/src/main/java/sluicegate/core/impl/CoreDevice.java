package sluicegate.core.impl;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.PageRequestCounts;
import sluicegate.api.PasidAttachment;
import sluicegate.api.Unit;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.Translation;
import sluicegate.api.types.WalkStep;
import sluicegate.core.impl.dma.DeviceDma;
import sluicegate.core.impl.dma.DmaLayer;
import sluicegate.core.impl.iopf.DevicePageRequests;
import sluicegate.core.impl.iopf.RequestTarget;
import sluicegate.core.impl.pci.PciAliases;

/**
 * A device. What it is in is changed under the probe lock, by {@link DeviceProber}; read without any: device → unit → ops are
 * one volatile read each.
 */
final class CoreDevice implements Device {
    /** PCI functions by segment, bus, device and function, before other devices by name: the order of probing. */
    static final Comparator<CoreDevice> PROBE_ORDER = Comparator
            .comparing((CoreDevice d) -> d.busDevice instanceof PciFunction f ? f.address() : null,
                    Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(CoreDevice::name);

    private final String name;
    private final BusDevice busDevice;
    private volatile State state = State.DEFERRED;
    private volatile String problem;
    private volatile String stuck;
    private volatile int resetDepth;
    private volatile boolean overdue;
    private long waitsSince;
    private volatile boolean described;
    private volatile Optional<DmaDescription> description = Optional.empty();
    private volatile CoreUnit unit;
    private volatile CoreGroup group;
    /** The same, so that who maps a buffer allocates nothing. */
    private volatile Optional<CoreGroup> maybeGroup = Optional.empty();
    private volatile NoIommuGroup groupWithout;
    private volatile Bound bound;
    private volatile List<ReservedRegion> reserved = List.of();
    private volatile List<Integer> sources = List.of();

    private volatile DeviceDma dma;

    /** Keeps it from sending when it asks for pages although it may not; under the group's mutex. */
    private final Fence requestFence = new Fence();
    private final UnboundPolicy unbound;
    private final DeviceDriverSlot driverSlot;

    /** The device in the hands of a driver: from {@code probeDevice} on, until it is released or the driver leaves. */
    record Bound(CoreUnit unit, Binding binding, CoreDeviceContext context, Optional<DomainType> demand,
            DevicePageRequests requests) {

        /**
         * Hands what the device has asked for until now to the core; under the group's mutex.
         *
         * @param pasid {@link Pasid#NONE} for all
         * @throws IommuException what the driver fails with
         */
        void drainRequests(int pasid) {
            binding.ask("Emptying the queues of page requests of " + context.name(), ops -> {
                ops.drainPageRequests(context, pasid);
                return true;
            });
        }

        /**
         * Takes from the device the right to ask for pages, or gives it back; under the group's mutex.
         *
         * @throws IommuException what the driver fails with
         */
        void allowRequests(boolean allowed) {
            binding.ask((allowed ? "Giving page requests back to " : "Taking page requests from ") + context.name(), ops -> {
                ops.allowPageRequests(context, allowed);
                return true;
            });
        }

        /**
         * The device is about to be let go: nothing of it is served any more, and it waits for nothing.
         *
         * @param response what those are answered that wait, and those that come
         */
        void endRequests(PageResponse response) {
            requests.end(response);
            try {
                drainRequests(Pasid.NONE);
            } catch (RuntimeException e) {
                unit.log("emptying the queues of page requests", e);
            }
            requests.settleAll(response);
        }
    }

    CoreDevice(String name, BusDevice busDevice, UnboundPolicy unbound) {
        this.name = name;
        this.busDevice = busDevice;
        this.unbound = unbound;
        this.driverSlot = new DeviceDriverSlot(this, unbound);
    }

    /** @throws IommuException EINVAL if the core did not make {@code device} */
    static CoreDevice of(Device device) {
        if (device instanceof CoreDevice known) {
            return known;
        }
        throw IommuException.of(Errno.EINVAL, "Device %s is not of this core", device == null ? "null" : device.name());
    }

    /** What its driver maps buffers with; made when first asked for. */
    DeviceDma dma(DmaLayer layer) {
        var present = dma;
        if (present == null) {
            synchronized (driverSlot) {
                present = dma == null ? new DeviceDma(layer, new DeviceRoute(this)) : dma;
                dma = present;
            }
        }
        return present;
    }

    /** Its own driver was unbound. */
    void driverUnbound() {
        var present = dma;
        if (present != null) {
            present.driverUnbound();
        }
    }

    Fence requestFence() {
        return requestFence;
    }

    DeviceDriverSlot driverSlot() {
        return driverSlot;
    }

    // ---- for the prober

    void become(State newState, String newProblem) {
        if (newState != State.DEFERRED) {
            overdue = false;
        }
        state = newState;
        problem = newProblem;
    }

    /** Whether it has been deferred for longer than it should be. */
    boolean overdue() {
        return overdue;
    }

    void becomeOverdue(String newProblem) {
        problem = newProblem;
        overdue = true;
    }

    /** Time by {@link System#nanoTime} at which its wait began; for {@link Deferral}. */
    long waitsSince() {
        return waitsSince;
    }

    void waitsSince(long nanoTime) {
        waitsSince = nanoTime;
    }

    /** It could not be attached to what its group is attached to, and is blocked instead. */
    void stuck(String why) {
        stuck = why;
    }

    /** It is attached to what it should be. */
    void noLongerStuck() {
        if (stuck != null) {
            stuck = null;
            if (state == State.FAILED && bound != null) {
                become(State.READY, null);
            }
        }
    }

    /** How many resets of it are under way, one inside the other; changed under the group's mutex. */
    int resetDepth() {
        return resetDepth;
    }

    void resetDepth(int depth) {
        resetDepth = depth;
    }

    /** Whether firmware was asked about it. */
    boolean described() {
        return described;
    }

    Optional<DmaDescription> description() {
        return description;
    }

    void describe(Optional<DmaDescription> newDescription) {
        description = newDescription;
        described = true;
    }

    Optional<CoreUnit> coreUnit() {
        return Optional.ofNullable(unit);
    }

    void putBehind(CoreUnit newUnit) {
        unit = newUnit;
    }

    Optional<CoreGroup> coreGroup() {
        return maybeGroup;
    }

    void join(CoreGroup newGroup) {
        group = newGroup;
        maybeGroup = Optional.of(newGroup);
    }

    /** The group that was made for it because no IOMMU is in front of it. */
    Optional<NoIommuGroup> groupWithout() {
        return Optional.ofNullable(groupWithout);
    }

    void joinWithout(NoIommuGroup newGroup) {
        groupWithout = newGroup;
    }

    void leave() {
        group = null;
        maybeGroup = Optional.empty();
        resetDepth = 0;
        reserved = List.of();
    }

    Optional<Bound> bound() {
        return Optional.ofNullable(bound);
    }

    void takenBy(Bound newBound, List<ReservedRegion> regions) {
        reserved = regions;
        sources = newBound.context().ids();
        bound = newBound;
        requestFence.lower();
    }

    void letGo() {
        var old = bound;
        bound = null;
        stuck = null;
        if (old != null) {
            old.context().drop();
        }
    }

    List<Integer> sources() {
        return sources;
    }

    boolean hasSource(int id) {
        return sources.contains(id);
    }

    /** @throws IommuException ENODEV without one; EINVAL if it is in one that has no IOMMU */
    CoreGroup requireGroup() {
        var current = group;
        if (current == null) {
            var without = groupWithout;
            if (without != null) {
                throw without.without(Errno.EINVAL);
            }
            throw IommuException.of(Errno.ENODEV, "Device %s is in no group: %s", name, why());
        }
        return current;
    }

    /** @throws IommuException ENODEV without one */
    Bound requireBound() {
        var current = bound;
        if (current == null) {
            throw IommuException.of(Errno.ENODEV, "No driver serves device %s: %s", name, why());
        }
        return current;
    }

    private String why() {
        var currentUnit = unit;
        return switch (state) {
            case GONE -> "it was removed from its bus";
            case NO_IOMMU -> "no IOMMU is in front of it";
            case FAILED, READY -> problem().orElse("probing failed");
            case DEFERRED -> currentUnit == null ? "its unit is not there yet" : currentUnit.noDriver().getMessage();
        };
    }

    // ---- the handle

    @Override
    public String name() {
        return name;
    }

    @Override
    public BusDevice busDevice() {
        return busDevice;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public Optional<Unit> unit() {
        return Optional.ofNullable(unit);
    }

    @Override
    public Optional<Group> group() {
        var current = group;
        return Optional.ofNullable(current == null ? groupWithout : current);
    }

    @Override
    public boolean hasIommu() {
        return bound != null;
    }

    @Override
    public Optional<DeviceDriver> deviceDriver() {
        return driverSlot.driver();
    }

    @Override
    public void bind(DeviceDriver driver) {
        driverSlot.bind(driver);
    }

    @Override
    public void unbind() {
        driverSlot.unbind();
    }

    @Override
    public Optional<Domain> domain() {
        var current = group;
        return current == null ? Optional.empty() : Optional.of(current.domain());
    }

    @Override
    public Optional<String> problem() {
        var current = stuck;
        return Optional.ofNullable(current == null ? problem : current);
    }

    @Override
    public boolean capable(Capability capability) {
        var current = bound;
        if (current == null || !current.unit().gate().enter(current.binding())) {
            return awaitDriver() && capable(capability);
        }
        try {
            return current.binding().ops().capable(current.context(), capability);
        } catch (RuntimeException | LinkageError e) {
            throw DriverErrors.of(e, "Asking what can be done for " + name);
        } finally {
            current.unit().gate().exit();
        }
    }

    /** Whether a driver took the device while this waited for it. */
    private boolean awaitDriver() {
        var current = unit;
        return current != null && current.handover().await(current.handover().seen());
    }

    /** As {@link CoreUnit#withDriver}, if a unit is in front of it. */
    <R> R withDriver(Supplier<R> operation) {
        var current = unit;
        return current == null ? operation.get() : current.withDriver(operation);
    }

    @Override
    public List<ReservedRegion> reservedRegions() {
        return reserved;
    }

    @Override
    public Translation translate(int pasid, long iova, boolean write) {
        return withDriver(() -> translateNow(pasid, iova, write));
    }

    private Translation translateNow(int pasid, long iova, boolean write) {
        var current = requireBound();
        if (current.unit().platform() instanceof TranslationProbe hardware) {
            return hardware.probe(requesterId(current), pasid, iova, write ? Access.WRITE : Access.READ);
        }
        if (inReset()) {
            return notMapped(iova, name + " is blocked while it is being reset");
        }
        return requireGroup().domainOf(pasid)
                .map(domain -> fromTables(domain, iova))
                .orElseGet(() -> notMapped(iova, "PASID " + Pasid.toString(pasid) + " of " + name + " is attached to no domain"));
    }

    @Override
    @SuppressWarnings("unchecked") // nothing can be put into an Optional
    public Optional<PasidAttachment> attachment(int pasid) {
        var current = group;
        return current == null ? Optional.empty() : (Optional<PasidAttachment>) (Optional<?>) current.pasids().find(pasid);
    }

    /** Whether it shares an address space and nothing but its unit's driver could keep it from that. */
    boolean sharesUnstoppably() {
        var current = group;
        return !(busDevice instanceof PciFunction) && current != null && current.pasids().share();
    }

    @Override
    public Set<SharedTables.Format> sharedFormats() {
        var current = bound;
        if (current == null || busDevice.pasidBits() == 0 || !current.unit().gate().enter(current.binding())) {
            return Set.of();
        }
        try {
            return current.binding().ask("Asking which page tables the unit of " + name + " can walk",
                    ops -> Set.copyOf(ops.sharedFormats(current.context())));
        } finally {
            current.unit().gate().exit();
        }
    }

    @Override
    public PageRequestCounts pageRequests() {
        var current = bound;
        return current == null ? PageRequestCounts.NONE : current.requests().counts();
    }

    /** Who serves what it asks for under a PASID, or without one. Takes no lock. */
    Optional<RequestTarget> requestTarget(int pasid) {
        var current = group;
        return current == null || inReset() ? Optional.empty() : current.requestTarget(pasid);
    }

    /**
     * The id that the unit sees in the device's requests, in its own terms: an SMMU sees stream ids. Firmware names one for
     * each id that the requests may bear on the bus, from the function's own on, up to that of the topmost bridge.
     */
    private int requesterId(Bound current) {
        var specifiers = description.map(DmaDescription::specifiers).orElse(List.of());
        boolean changed = busDevice instanceof PciFunction function && PciAliases.bridgeTakesOver(function);
        if (specifiers.isEmpty() || specifiers.get(changed ? specifiers.size() - 1 : 0).isEmpty()) {
            return current.context().ids().stream().findFirst().orElse(0);
        }
        return specifiers.get(changed ? specifiers.size() - 1 : 0).get(0);
    }

    private static Translation fromTables(CoreDomain domain, long iova) {
        var address = domain.iovaToPhys(iova);
        if (address.isEmpty()) {
            return notMapped(iova, "Domain " + domain.name() + " maps nothing at " + Hex.of(iova));
        }
        boolean passesThrough = domain.type() == DomainType.IDENTITY;
        int prot = passesThrough ? Access.ATOMIC.prot() : domain.protOf(iova);
        return new Translation.Mapped(iova, address.getAsLong(), prot, passesThrough ? 0 : Long.lowestOneBit(domain.pageSizes()));
    }

    private static Translation notMapped(long iova, String reason) {
        return new Translation.Fault(iova, 0, "NOT_MAPPED", reason);
    }

    @Override
    public List<WalkStep> walk(int pasid, long iova) {
        return withDriver(() -> walkNow(pasid, iova));
    }

    private List<WalkStep> walkNow(int pasid, long iova) {
        var current = requireBound();
        return current.unit().gate()
                .call(binding -> binding == current.binding()
                        ? binding.ask("Walking the tables of " + name, ops -> ops.walk(current.context(), pasid, iova)) : null)
                .orElseThrow(current.unit()::noDriver);
    }

    @Override
    public void prepareReset() {
        coreGroup().ifPresent(current -> current.locked(() -> current.resets().prepare(this)));
    }

    @Override
    public void resetDone() {
        coreGroup().ifPresent(current -> current.locked(() -> current.resets().done(this)));
    }

    @Override
    public boolean inReset() {
        return resetDepth != 0;
    }

    @Override
    public void claim(Object owner) {
        var current = requireGroup();
        current.unit().doWithDriver(() -> current.locked(() -> current.ownership().claim(owner, this)));
    }

    @Override
    public void release(Object owner) {
        var current = requireGroup();
        current.unit().doWithDriver(() -> current.locked(() -> {
            current.unit().requireTold();
            current.ownership().release(owner);
        }));
    }

    @Override
    public void useDefaultDomain() {
        coreGroup().ifPresent(current -> current.useDefault(this));
    }

    @Override
    public void unuseDefaultDomain() {
        coreGroup().ifPresent(current -> current.unuseDefault(unbound));
    }

    @Override
    public String toString() {
        return name;
    }
}
