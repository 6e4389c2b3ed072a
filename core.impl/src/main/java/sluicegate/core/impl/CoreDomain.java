package sluicegate.core.impl;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.PageRequestHandler;
import sluicegate.api.PasidAttachment;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.dma.DmaMappings;
import sluicegate.core.impl.dma.DmaSpace;
import sluicegate.core.impl.iopf.RequestTarget;

/**
 * A domain: the core's ledger, and the driver's part behind it as long as the unit has a driver. Belongs to one unit.
 */
final class CoreDomain implements Domain, DmaMappings {
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

    /**
     * What a nested domain is made of.
     *
     * @param parent translates what the guest's tables lead to
     * @param guestTables as the guest wrote them
     */
    record Nesting(CoreDomain parent, List<Long> guestTables) {}

    /**
     * What its parts are made by.
     *
     * @param handler serves page requests
     * @param shared the tables of an address space, in place of its own
     */
    record Plan(Set<AllocFlag> flags, Optional<Nesting> nesting, Optional<PageRequestHandler> handler, Optional<SharedTables> shared) {
        static final Plan PLAIN = new Plan(Set.of(), Optional.empty(), Optional.empty(), Optional.empty());

        Plan {
            flags = flags.isEmpty() ? Set.of() : Set.copyOf(flags);
        }

        static Plan of(Set<AllocFlag> flags, Optional<PageRequestHandler> handler) {
            return new Plan(flags, Optional.empty(), handler, Optional.empty());
        }

        static Plan of(Nesting nesting) {
            return new Plan(Set.of(), Optional.of(nesting), Optional.empty(), Optional.empty());
        }

        static Plan of(SharedTables tables, PageRequestHandler handler) {
            return new Plan(Set.of(), Optional.empty(), Optional.of(handler), Optional.of(tables));
        }
    }

    private final DomainTable table;
    private final String name;
    private final CoreUnit unit;
    private volatile DomainType type;
    private final Use use;
    private final Plan plan;

    private final ReentrantLock mutex = new ReentrantLock();
    private final DomainMappings mappings;
    private final DomainUsers users;
    private boolean closed;
    /** Whether the flush timer has been started and has not gone off. */
    private boolean flushDue;
    /** What the DMA layer keeps of it, from the first time on that it is asked for. */
    private volatile Optional<DmaSpace> dma = Optional.empty();
    /** How many nested domains have it as their parent. */
    private int nested;

    private volatile DriverDomain part;
    private volatile long pageSizes;
    private volatile long apertureStart;
    private volatile long apertureEnd = -1L;

    CoreDomain(DomainTable table, String name, CoreUnit unit, DomainType type, Use use, Plan plan) {
        this.table = table;
        this.name = name;
        this.unit = unit;
        this.type = type;
        this.use = use;
        this.mappings = new DomainMappings(name);
        this.users = new DomainUsers(name, type, mappings.ledger());
        this.plan = plan;
    }

    // ---- the driver's part

    CoreUnit unit() {
        return unit;
    }

    Use use() {
        return use;
    }

    /** A DMA domain becomes a DMA-FQ one: from now on unmaps may wait. Everything else stays as it is. */
    void unmapLazily() {
        type = DomainType.DMA_FQ;
    }

    Set<AllocFlag> flags() {
        return plan.flags();
    }

    Optional<Nesting> nesting() {
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
        change(() -> {
            if (closed) {
                throw gone();
            }
            nested++;
        });
    }

    private void removeNested() {
        change(() -> nested--);
    }

    Optional<DriverDomain> part() {
        return Optional.ofNullable(part);
    }

    /** @throws IommuException ENODEV without one */
    DriverDomain requirePart() {
        var current = part;
        if (current == null) {
            throw closed ? gone() : unit.binding().isPresent()
                    ? IommuException.of(Errno.ENODEV, "Domain %s has no part in the driver of unit %s%s", name, unit.name(),
                            unit.problem().map(p -> ": " + p).orElse("; attach a device to it first"))
                    : unit.noDriver();
        }
        return current;
    }

    /**
     * The part that hardware uses, or is to use: while the next driver takes over, hardware still goes by what the one before it
     * left, so that nothing that is mapped now would be found, and nothing that is unmapped forgotten.
     *
     * @throws IommuException ENODEV without one
     */
    private DriverDomain requireTranslatedBy() {
        unit.requireTold();
        return requirePart();
    }

    /**
     * Gives the domain a driver's part, if it has none, and maps there what the ledger holds. On failure it has none still.
     *
     * @throws IommuException as allocating and mapping do
     */
    void rebuild(Supplier<DriverDomain> allocate) {
        mutex.lock();
        try {
            if (closed || part != null) {
                return;
            }
            var fresh = allocate.get();
            try {
                mappings.replay(fresh);
            } catch (RuntimeException | LinkageError e) {
                free(fresh);
                mappings.partGone();
                throw DriverErrors.of(e, "Mapping again what domain " + name + " holds");
            }
            pageSizes = fresh.pageSizes();
            apertureStart = fresh.apertureStart();
            apertureEnd = fresh.apertureEnd();
            part = fresh;
        } finally {
            mutex.unlock();
        }
    }

    /** Gives the driver's part back; ledger and attachments stay. No device uses the part any more. */
    void dropPart() {
        mutex.lock();
        try {
            var old = part;
            part = null;
            if (old != null && use != Use.STATIC) {
                free(old);
            }
            // Whoever could not be asked any more is gone; the next driver begins with hardware that has forgotten all.
            mappings.partGone();
        } finally {
            mutex.unlock();
        }
    }

    /** Leaves the driver's part to the hardware, which goes on translating by it; ledger and attachments stay. */
    void leavePart() {
        mutex.lock();
        try {
            var old = part;
            part = null;
            if (old != null && use != Use.STATIC) {
                flush(old);
            }
            mappings.partGone();
        } finally {
            mutex.unlock();
        }
    }

    private void flush(DriverDomain driverPart) {
        try {
            mappings.flush(driverPart); // or table pages that wait would never be given back
        } catch (RuntimeException | LinkageError e) {
            unit.log("invalidating domain " + name, e);
        }
    }

    private void free(DriverDomain driverPart) {
        flush(driverPart);
        try {
            driverPart.free();
        } catch (RuntimeException | LinkageError e) {
            unit.log("freeing domain " + name, e);
        }
    }

    // ---- who uses it

    /**
     * Enters a group before it is attached, and checks that nothing mapped lies where its devices have reserved regions.
     *
     * @param pasid {@link Pasid#NONE}, or a PASID: reserved regions are those of requests without one
     * @throws IommuException EADDRINUSE; ENODEV if the domain is gone
     */
    void admit(CoreGroup group, int pasid) {
        change(() -> {
            if (closed) {
                throw gone();
            }
            users.add(group, pasid);
        });
    }

    /** Enters a group that returns to its default domain, which it must be able to whatever is mapped there. */
    void readmit(CoreGroup group) {
        change(() -> users.addUnchecked(group, Pasid.NONE));
    }

    /**
     * Takes note of the regions of a device that is to join a group which is attached.
     *
     * @throws IommuException EADDRINUSE
     */
    void admitMember(CoreGroup group, List<ReservedRegion> regions) {
        change(() -> {
            users.addMember(group, regions);
            if (dma.isPresent()) {
                part().ifPresent(mappings::flush); // so that what waits can be reserved
                dma.get().reserve(regions.stream().filter(region -> ReservedRegions.concerns(type, region)).toList());
            }
        });
    }

    void dismiss(CoreGroup group, int pasid) {
        change(() -> users.remove(group, pasid));
    }

    /** Reads the reserved regions of its users again, one of whom lost a device. */
    void refresh() {
        change(users::refresh);
    }

    private void change(Runnable change) {
        mutex.lock();
        try {
            change.run();
        } finally {
            mutex.unlock();
        }
    }

    // ---- mappings

    @Override
    public void map(long iova, long address, long size, int prot) {
        while (true) {
            long seen = unit.handover().seen();
            try {
                mapNow(iova, address, size, prot);
                return;
            } catch (IommuException e) {
                unit.awaitDriver(seen, e);
            }
        }
    }

    private void mapNow(long iova, long address, long size, int prot) {
        mutex.lock();
        try {
            var driverPart = requireMappable();
            mappings.requireFree(driverPart, iova, address, size, prot, type == DomainType.DMA_FQ);
            var region = users.conflict(iova, address, size);
            if (region.isPresent()) {
                throw IommuException.of(Errno.EADDRINUSE, "%s in domain %s meets the %s region %s of an attached device",
                        Hex.range(iova, size), name, region.get().type().word(),
                        Hex.range(region.get().start(), region.get().length()));
            }
            mappings.map(driverPart, iova, address, size, prot);
        } finally {
            mutex.unlock();
        }
    }

    /** Maps a reserved region one to one, where it is not mapped yet. */
    void mapDirectly(ReservedRegion region) {
        change(() -> mappings.mapDirectly(requirePart(), region));
    }

    @Override
    public long unmap(long iova, long size) {
        if (!type.paging() || size == 0) {
            return 0;
        }
        while (true) {
            long seen = unit.handover().seen();
            try {
                return unmapNow(iova, size);
            } catch (IommuException e) {
                unit.awaitDriver(seen, e);
            }
        }
    }

    private long unmapNow(long iova, long size) {
        mutex.lock();
        try {
            boolean lazily = type == DomainType.DMA_FQ;
            long unmapped = mappings.unmap(requireTranslatedBy(), iova, size, lazily);
            flushSoon(lazily);
            return unmapped;
        } finally {
            mutex.unlock();
        }
    }

    private void flushSoon(boolean lazily) {
        if (lazily && !flushDue && mappings.pending()) {
            flushDue = true;
            table.flushTimer().start(this::flush);
        }
    }

    /**
     * What an address space says of its tables: hardware has forgotten the range when this returns. Without a driver it has nothing.
     *
     * @throws IommuException what the driver fails with
     */
    void forgetShared(long address, long size) {
        var gather = new IotlbGather();
        gather.add(address, size, MemoryArena.PAGE_SIZE);
        change(() -> part().ifPresent(driverPart -> driverPart.iotlbSync(gather)));
    }

    /** Makes the hardware forget what was unmapped. */
    private void flush() {
        change(() -> {
            flushDue = false; // if it fails, the next unmap has it tried again
            part().ifPresent(mappings::flush);
        });
    }

    @Override
    public OptionalLong iovaToPhys(long iova) {
        switch (type) {
            case IDENTITY:
                return OptionalLong.of(iova);
            case BLOCKED, NESTED:
                return OptionalLong.empty();
            default:
                long address = physOrNone(iova);
                return address == DriverDomain.NOT_MAPPED ? OptionalLong.empty() : OptionalLong.of(address);
        }
    }

    /** Takes no lock: if the driver's part went away meanwhile, the answer, whatever it was, counts for nothing. */
    private long physOrNone(long iova) {
        while (true) {
            long seen = unit.handover().seen();
            try {
                return physNow(iova);
            } catch (IommuException e) {
                unit.awaitDriver(seen, e);
            }
        }
    }

    private long physNow(long iova) {
        var driverPart = requirePart();
        try {
            long address = driverPart.iovaToPhys(iova);
            if (part == driverPart) {
                return address;
            }
        } catch (RuntimeException | LinkageError e) {
            if (part == driverPart) {
                throw DriverErrors.of(e, "Looking up " + Hex.of(iova) + " in domain " + name);
            }
        }
        throw unit.noDriver();
    }

    @Override
    public List<Mapping> mappings() {
        mutex.lock();
        try {
            return mappings.toList();
        } finally {
            mutex.unlock();
        }
    }

    /** What the mapping that holds {@code iova} allows; 0 if there is none. Takes no lock. */
    int protOf(long iova) {
        return mappings.protOf(iova);
    }

    // ---- the DMA layer's

    /** Its IOVAs for the DMA layer; what is mapped in it by then, and what its users reserve, is carved out. */
    Optional<DmaSpace> dma() {
        var present = dma;
        return present.isPresent() ? present : unit.withDriver(this::makeDma);
    }

    private Optional<DmaSpace> makeDma() {
        mutex.lock();
        try {
            if (dma.isEmpty()) {
                requireMappable();
                dma = Optional.of(DomainIovas.make(this, mappings, users.reserved(), table.flushTimer()));
            }
            return dma;
        } finally {
            mutex.unlock();
        }
    }

    @Override
    public long granule() {
        return Long.lowestOneBit(pageSizes);
    }

    @Override
    public long release(long iova, long mapped, long length) {
        while (true) {
            long seen = unit.handover().seen();
            try {
                return releaseNow(iova, mapped, length);
            } catch (IommuException e) {
                unit.awaitDriver(seen, e);
            }
        }
    }

    private long releaseNow(long iova, long mapped, long length) {
        mutex.lock();
        try {
            boolean lazily = type == DomainType.DMA_FQ;
            long unmapped = mappings.release(requireTranslatedBy(), iova, mapped, length, lazily);
            flushSoon(lazily);
            return unmapped;
        } finally {
            mutex.unlock();
        }
    }

    @Override
    public long addressOf(long iova) {
        return physOrNone(iova);
    }

    private DriverDomain requireMappable() {
        if (!type.paging()) {
            throw IommuException.of(Errno.EINVAL, "Domain %s is a %s domain, which holds no mappings", name, type.word());
        }
        var driverPart = requireTranslatedBy();
        if (driverPart.pageSizes() == 0) {
            throw IommuException.of(Errno.ENODEV, "The driver of unit %s offers no page size for domain %s", unit.name(), name);
        }
        return driverPart;
    }

    // ---- the rest of the handle

    @Override
    public String name() {
        return name;
    }

    @Override
    public DomainType type() {
        return type;
    }

    @Override
    public Optional<Domain> parent() {
        return plan.nesting().map(Nesting::parent);
    }

    @Override
    public long pageSizes() {
        return pageSizes;
    }

    @Override
    public long apertureStart() {
        return apertureStart;
    }

    @Override
    public long apertureEnd() {
        return apertureEnd;
    }

    @Override
    public List<Device> attached() {
        return users.devices();
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
        mutex.lock();
        try {
            if (!users.isEmpty()) {
                throw IommuException.of(Errno.EBUSY, "Domain %s is attached to group %d; detach that first", name,
                        users.first().id());
            }
            if (nested != 0) {
                throw IommuException.of(Errno.EBUSY, "Domain %s is the parent of nested domains (%d); free those first", name, nested);
            }
            if (!closed) {
                closed = true;
                dropPart();
                table.remove(this);
                plan.nesting().ifPresent(made -> made.parent().removeNested());
            }
        } finally {
            mutex.unlock();
        }
    }

    /** Its unit is gone, and all who used it with it. */
    void abandon() {
        mutex.lock();
        try {
            users.clear();
            retire();
        } finally {
            mutex.unlock();
        }
    }

    private IommuException gone() {
        return IommuException.of(Errno.ENODEV, "Domain %s is gone", name);
    }

    @Override
    public String toString() {
        return name;
    }
}
