package sluicegate.core.impl;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.PasidAttachment;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.dma.DmaSpace;
import sluicegate.core.impl.iopf.RequestTarget;

/**
 * A domain as applications hold it: who uses it, and for how long. What it maps is in its {@link DomainSpace}, what stands behind it
 * as long as the unit has a driver in its {@link DriverPart}. Belongs to one unit.
 */
final class CoreDomain implements Domain {
    /** What a domain is for, which decides who may attach and free it. */
    enum Use {
        /** One for each unit: identity or blocked. */
        STATIC,
        /** The default domain of a group. */
        DEFAULT,
        /** An application's. */
        APPLICATION,
        /** An address space's, for as long as devices of its unit share it. */
        SHARED
    }

    private final DomainTable table;
    private final String name;
    private final CoreUnit unit;
    private final Use use;
    private final DomainPlan plan;
    private final DomainSpace space;
    /** How many nested domains have it as their parent. */
    private int nested;

    CoreDomain(DomainTable table, String name, CoreUnit unit, DomainType type, Use use, DomainPlan plan) {
        this.table = table;
        this.name = name;
        this.unit = unit;
        this.use = use;
        this.plan = plan;
        this.space = new DomainSpace(name, unit, type, use != Use.STATIC, table.flushTimer());
    }

    CoreUnit unit() {
        return unit;
    }

    Use use() {
        return use;
    }

    /** A DMA domain becomes a DMA-FQ one: from now on unmaps may wait. Everything else stays as it is. */
    void unmapLazily() {
        space.unmapLazily();
    }

    Set<AllocFlag> flags() {
        return plan.flags();
    }

    Optional<DomainPlan.Nesting> nesting() {
        return plan.nesting();
    }

    /** The tables of the address space that it stands for. */
    Optional<SharedTables> shared() {
        return plan.shared();
    }

    /** Something that serves page requests under a new attachment, if the domain has a handler. */
    Optional<RequestTarget> newRequestTarget() {
        return plan.handler().map(present -> new RequestTarget(this, present, table.requestThreads()));
    }

    /** A nested domain is about to have this one as its parent. @throws IommuException ENODEV if this one is gone */
    void addNested() {
        space.change(() -> {
            space.part().requireOpen();
            nested++;
        });
    }

    private void removeNested() {
        space.change(() -> nested--);
    }

    // ---- the driver's part

    Optional<DriverDomain> part() {
        return space.part().get();
    }

    /** @throws IommuException ENODEV without one */
    DriverDomain requirePart() {
        return space.part().require();
    }

    /**
     * Gives the domain a driver's part, if it has none, and maps there what the ledger holds. On failure it has none still.
     *
     * @throws IommuException as allocating and mapping do
     */
    void rebuild(Supplier<DriverDomain> allocate) {
        space.change(() -> space.part().rebuild(allocate));
    }

    /**
     * Gives the driver's part back; ledger and attachments stay. No device uses the part any more.
     *
     * @param quiet whether that is certain
     */
    void dropPart(boolean quiet) {
        space.change(() -> space.part().drop(quiet));
    }

    /** Leaves the driver's part to the hardware, which goes on translating by it; ledger and attachments stay. */
    void leavePart() {
        space.change(space.part()::leave);
    }

    // ---- who uses it

    /**
     * Enters a group before it is attached, and checks that nothing mapped lies where its devices have reserved regions.
     *
     * @param pasid {@link Pasid#NONE}, or a PASID: reserved regions are those of requests without one
     * @throws IommuException EADDRINUSE; ENODEV if the domain is gone
     */
    void admit(CoreGroup group, int pasid) {
        space.change(() -> {
            space.part().requireOpen();
            space.users().add(group, pasid);
        });
    }

    /** Enters a group that returns to its default domain, which it must be able to whatever is mapped there. */
    void readmit(CoreGroup group) {
        space.change(() -> space.users().addUnchecked(group, Pasid.NONE));
    }

    /**
     * Takes note of the regions of a device that is to join a group which is attached.
     *
     * @throws IommuException EADDRINUSE
     */
    void admitMember(CoreGroup group, List<ReservedRegion> regions) {
        space.change(() -> {
            space.users().addMember(group, regions);
            space.reserve(regions);
        });
    }

    void dismiss(CoreGroup group, int pasid) {
        space.change(() -> space.users().remove(group, pasid));
    }

    /** Reads the reserved regions of its users again, one of whom lost a device. */
    void refresh() {
        space.change(space.users()::refresh);
    }

    // ---- mappings

    @Override
    public void map(long iova, long address, long size, int prot) {
        space.map(iova, address, size, prot);
    }

    /** Maps a reserved region one to one, where it is not mapped yet. */
    void mapDirectly(ReservedRegion region) {
        space.mapDirectly(region);
    }

    @Override
    public long unmap(long iova, long size) {
        return space.unmap(iova, size);
    }

    /**
     * What an address space says of its tables: hardware has forgotten the range when this returns. Without a driver it has nothing.
     *
     * @throws IommuException what the driver fails with
     */
    void forgetShared(long address, long size) {
        space.forgetShared(address, size);
    }

    /** Makes the hardware forget all of an address space, if it stands for one. */
    void forgetShared() {
        if (use == Use.SHARED) {
            space.forgetShared();
        }
    }

    @Override
    public OptionalLong iovaToPhys(long iova) {
        return space.iovaToPhys(iova);
    }

    @Override
    public List<Mapping> mappings() {
        return space.mappings();
    }

    /** What the mapping that holds {@code iova} allows; 0 if there is none. Takes no lock. */
    int protOf(long iova) {
        return space.protOf(iova);
    }

    @Override
    public void setDirtyTracking(boolean enabled) {
        requireDirtyState();
        space.setDirtyTracking(enabled);
    }

    @Override
    public boolean dirtyTracking() {
        return space.dirtyTracking();
    }

    @Override
    public List<DirtyRange> readAndClearDirty(long iova, long size, long pageSize) {
        requireDirtyState();
        return space.readDirty(iova, size, pageSize, true);
    }

    @Override
    public List<DirtyRange> readDirty(long iova, long size, long pageSize) {
        requireDirtyState();
        return space.readDirty(iova, size, pageSize, false);
    }

    private void requireDirtyState() {
        if (!flags().contains(AllocFlag.DIRTY_TRACKING)) {
            throw IommuException.of(Errno.EOPNOTSUPP, "Domain %s was not allocated to track dirty pages; allocate one with %s", name,
                    AllocFlag.DIRTY_TRACKING);
        }
    }

    @Override
    public GuestInvalidation invalidateGuest(List<Long> commands, Map<Integer, Device> devices) {
        if (type() != DomainType.NESTED) {
            throw IommuException.of(Errno.EINVAL, "Domain %s is a %s domain, of which no guest has anything to invalidate", name,
                    type().word());
        }
        return space.invalidateGuest(List.copyOf(commands), Map.copyOf(devices));
    }

    /** Its IOVAs for the DMA layer; what is mapped in it by then, and what its users reserve, is carved out. */
    Optional<DmaSpace> dma() {
        return space.dma();
    }

    // ---- the rest of the handle

    @Override
    public String name() {
        return name;
    }

    @Override
    public DomainType type() {
        return space.type();
    }

    @Override
    public Optional<Domain> parent() {
        return plan.nesting().map(DomainPlan.Nesting::parent);
    }

    @Override
    public long pageSizes() {
        return space.part().pageSizes();
    }

    @Override
    public long apertureStart() {
        return space.part().apertureStart();
    }

    @Override
    public long apertureEnd() {
        return space.part().apertureEnd();
    }

    @Override
    public List<Device> attached() {
        return space.users().devices();
    }

    @Override
    public void attach(Device device) {
        CoreDevice.of(device).requireGroup().attachAlone(this, device);
    }

    @Override
    public void detach(Device device) {
        CoreDevice.of(device).requireGroup().detachAlone(this, device);
    }

    @Override
    public PasidAttachment attach(Device device, int pasid) {
        requireOwn(device);
        return unit.withDriver(() ->
                CoreDevice.of(device).requireGroup().pasids().attach(this, CoreDevice.of(device), pasid));
    }

    @Override
    public PasidAttachment replace(Device device, int pasid) {
        requireOwn(device);
        return unit.withDriver(() ->
                CoreDevice.of(device).requireGroup().pasids().replace(this, CoreDevice.of(device), pasid));
    }

    private void requireOwn(Device device) {
        if (use == Use.SHARED) {
            throw IommuException.of(Errno.EINVAL, "Domain %s is an address space's; bind %s to that", name, device.name());
        }
    }

    @Override
    public void detach(Device device, int pasid) {
        requireOwn(device);
        CoreDevice.of(device).requireGroup().pasids().detach(this, pasid);
    }

    @Override
    public void close() {
        if (use != Use.APPLICATION) {
            throw IommuException.of(Errno.EBUSY, "Domain %s is a %s domain of unit %s, which the core frees itself", name,
                    use == Use.DEFAULT ? "default" : use == Use.SHARED ? "shared" : "static", unit.name());
        }
        retire();
    }

    /** Frees it; harmless when repeated. @throws IommuException EBUSY if something is attached */
    void retire() {
        space.change(() -> {
            if (!space.users().isEmpty()) {
                throw IommuException.of(Errno.EBUSY, "Domain %s is attached to group %d; detach that first", name,
                        space.users().first().id());
            }
            if (nested != 0) {
                throw IommuException.of(Errno.EBUSY, "Domain %s is the parent of nested domains (%d); free those first", name, nested);
            }
            if (space.part().close()) {
                table.remove(this);
                plan.nesting().ifPresent(made -> made.parent().removeNested());
            }
        });
    }

    /** Its unit is gone, and all who used it with it. */
    void abandon() {
        space.change(() -> {
            space.users().clear();
            retire();
        });
    }

    @Override
    public String toString() {
        return name;
    }
}
