package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.ledger.MappingLedger;
import sluicegate.core.impl.ledger.PageSizes;

/**
 * A domain: the core's ledger, and the driver's part behind it as long as the unit has a driver. Belongs to one unit.
 */
final class CoreDomain implements Domain {
    /** What a domain is for, which decides who may attach and free it. */
    enum Use {
        /** One for each unit: identity or blocked. */
        STATIC,
        /** The default domain of a group. */
        DEFAULT,
        /** An application's. */
        APPLICATION
    }

    private final DomainTable table;
    private final String name;
    private final CoreUnit unit;
    private final DomainType type;
    private final Use use;
    private final Set<AllocFlag> flags;

    private final ReentrantLock mutex = new ReentrantLock();
    private final MappingLedger ledger = new MappingLedger();
    private final PageMapper mapper = new PageMapper();
    /** Cleared from the tables, but the hardware did not say that it forgot them: they must not be mapped again yet. */
    private final List<Cleared> unforgotten = new ArrayList<>();
    private final DomainUsers users;
    private boolean closed;

    private volatile DriverDomain part;
    private volatile long pageSizes;
    private volatile long apertureStart;
    private volatile long apertureEnd = -1L;

    CoreDomain(DomainTable table, String name, CoreUnit unit, DomainType type, Use use, Set<AllocFlag> flags) {
        this.table = table;
        this.name = name;
        this.unit = unit;
        this.type = type;
        this.use = use;
        this.users = new DomainUsers(name, type.paging(), ledger);
        this.flags = flags.isEmpty() ? Set.of() : Set.copyOf(flags);
    }

    // ---- the driver's part

    CoreUnit unit() {
        return unit;
    }

    Use use() {
        return use;
    }

    Set<AllocFlag> flags() {
        return flags;
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
                for (long p = ledger.first(); p != MappingLedger.NONE; p = ledger.next(p)) {
                    checkFits(fresh, ledger.startAt(p), ledger.addressAt(p), ledger.sizeAt(p));
                    mapper.map(fresh, ledger.startAt(p), ledger.addressAt(p), ledger.sizeAt(p), ledger.protAt(p));
                }
            } catch (RuntimeException e) {
                free(fresh);
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
            // A driver that is gone can't be asked to forget; the next one begins with hardware that has forgotten all.
            unforgotten.forEach(range -> ledger.remove(range.iova(), range.iova() + range.size() - 1));
            unforgotten.clear();
            if (old != null && type.paging()) {
                free(old);
            }
        } finally {
            mutex.unlock();
        }
    }

    private void free(DriverDomain driverPart) {
        try {
            driverPart.free();
        } catch (RuntimeException e) {
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
        change(() -> users.addMember(group, regions));
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
        mutex.lock();
        try {
            var driverPart = requireMappable();
            Prot.check(prot);
            if ((prot & (Prot.READ | Prot.WRITE)) == 0) {
                throw IommuException.of(Errno.EINVAL, "A mapping of %s must allow read or write", Hex.range(iova, size));
            }
            checkFits(driverPart, iova, address, size);
            forget(driverPart);
            long taken = ledger.overlapping(iova, iova + size - 1);
            if (taken != MappingLedger.NONE) {
                throw IommuException.of(Errno.EEXIST, "%s in domain %s overlaps the mapping of %s to %s; unmap that first",
                        Hex.range(iova, size), name, Hex.range(ledger.startAt(taken), ledger.sizeAt(taken)),
                        Hex.of(ledger.addressAt(taken)));
            }
            var region = users.conflict(iova, address, size);
            if (region.isPresent()) {
                throw IommuException.of(Errno.EADDRINUSE, "%s in domain %s meets the %s region %s of an attached device",
                        Hex.range(iova, size), name, region.get().type().word(),
                        Hex.range(region.get().start(), region.get().length()));
            }
            mapper.map(driverPart, iova, address, size, prot);
            ledger.insert(iova, address, size, prot);
        } finally {
            mutex.unlock();
        }
    }

    /** Maps a reserved region one to one, where it is not mapped yet ({@code iommu_create_device_direct_mappings}). */
    void mapDirectly(ReservedRegion region) {
        mutex.lock();
        try {
            var driverPart = requirePart();
            long granule = PageSizes.smallest(driverPart.pageSizes());
            long end = (region.end() & -granule) + granule - 1;
            int prot = (region.prot() & (Prot.READ | Prot.WRITE)) == 0 ? Prot.READ | Prot.WRITE : region.prot();
            long at = region.start() & -granule;
            while (true) {
                long mapped = ledger.overlapping(at, end);
                boolean none = mapped == MappingLedger.NONE;
                long holeEnd = none ? end : ledger.startAt(mapped) - 1;
                long mappedEnd = none ? end : holeEnd + ledger.sizeAt(mapped);
                if (none || Long.compareUnsigned(at, ledger.startAt(mapped)) < 0) {
                    checkFits(driverPart, at, at, holeEnd - at + 1);
                    mapper.map(driverPart, at, at, holeEnd - at + 1, prot);
                    ledger.insert(at, at, holeEnd - at + 1, prot);
                }
                if (Long.compareUnsigned(mappedEnd, end) >= 0) {
                    return;
                }
                at = mappedEnd + 1;
            }
        } finally {
            mutex.unlock();
        }
    }

    @Override
    public long unmap(long iova, long size) {
        if (!type.paging() || size == 0) {
            return 0;
        }
        mutex.lock();
        try {
            var driverPart = requirePart();
            boolean wraps = size - 1 != 0 && Long.compareUnsigned(iova + size - 1, iova) < 0;
            if (wraps || (iova | size) % PageSizes.smallest(driverPart.pageSizes()) != 0) {
                return 0;
            }
            forget(driverPart);
            long position = ledger.holding(iova);
            if (position == MappingLedger.NONE) {
                return 0;
            }
            return unmap(driverPart, position, iova, iova + size - 1);
        } finally {
            mutex.unlock();
        }
    }

    /** Table cleared, then hardware made to forget, and only then the IOVA free for the next mapping. */
    private long unmap(DriverDomain driverPart, long position, long iova, long last) {
        long size = mapper.clear(driverPart, ledger, position, iova, last);
        if (size == 0) {
            return 0;
        }
        long first = mapper.clearedFrom();
        try {
            mapper.sync(driverPart);
        } catch (RuntimeException e) {
            unforgotten.add(new Cleared(first, size));
            throw DriverErrors.of(e, "Unmapping " + Hex.range(first, size) + " in domain " + name);
        }
        ledger.remove(first, first + size - 1);
        return size;
    }

    /** A range that is not in the tables any more. */
    private record Cleared(long iova, long size) {}

    /** Tries again what an earlier unmap could not finish. */
    private void forget(DriverDomain driverPart) {
        if (unforgotten.isEmpty()) {
            return;
        }
        driverPart.flushIotlbAll();
        unforgotten.forEach(range -> ledger.remove(range.iova(), range.iova() + range.size() - 1));
        unforgotten.clear();
    }

    @Override
    public OptionalLong iovaToPhys(long iova) {
        switch (type) {
            case IDENTITY:
                return OptionalLong.of(iova);
            case BLOCKED:
                return OptionalLong.empty();
            default:
                long address = physOrNone(iova);
                return address == DriverDomain.NOT_MAPPED ? OptionalLong.empty() : OptionalLong.of(address);
        }
    }

    /** Takes no lock: if the driver's part went away meanwhile, the answer, whatever it was, counts for nothing. */
    private long physOrNone(long iova) {
        var driverPart = requirePart();
        try {
            long address = driverPart.iovaToPhys(iova);
            if (part == driverPart) {
                return address;
            }
        } catch (RuntimeException e) {
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
            return ledger.toList();
        } finally {
            mutex.unlock();
        }
    }

    /** What the mapping that holds {@code iova} allows; 0 if there is none. */
    int protOf(long iova) {
        mutex.lock();
        try {
            long position = ledger.holding(iova);
            return position == MappingLedger.NONE ? 0 : ledger.protAt(position);
        } finally {
            mutex.unlock();
        }
    }

    private DriverDomain requireMappable() {
        if (!type.paging()) {
            throw IommuException.of(Errno.EINVAL, "Domain %s is a %s domain, which holds no mappings", name, type.word());
        }
        var driverPart = requirePart();
        if (driverPart.pageSizes() == 0) {
            throw IommuException.of(Errno.ENODEV, "The driver of unit %s offers no page size for domain %s", unit.name(), name);
        }
        return driverPart;
    }

    private void checkFits(DriverDomain driverPart, long iova, long address, long size) {
        long granule = PageSizes.smallest(driverPart.pageSizes());
        if (size == 0 || ((iova | address | size) & granule - 1) != 0) {
            throw IommuException.of(Errno.EINVAL,
                    "IOVA %s, address %s and size %s must be multiples of %s, the smallest page of domain %s, and the size not 0",
                    Hex.of(iova), Hex.of(address), Hex.of(size), Hex.of(granule), name);
        }
        long last = iova + size - 1;
        if (Long.compareUnsigned(last, iova) < 0 || Long.compareUnsigned(address + size - 1, address) < 0
                || Long.compareUnsigned(iova, driverPart.apertureStart()) < 0
                || Long.compareUnsigned(last, driverPart.apertureEnd()) > 0) {
            throw IommuException.of(Errno.EINVAL, "%s bytes at IOVA %s to %s lie outside the aperture [%s, %s] of domain %s or pass 2^64",
                    Hex.of(size), Hex.of(iova), Hex.of(address), Hex.of(driverPart.apertureStart()),
                    Hex.of(driverPart.apertureEnd()), name);
        }
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
    public void attach(Device device, int pasid) {
        CoreDevice.of(device).requireGroup().pasids().attach(this, CoreDevice.of(device), pasid);
    }

    @Override
    public void detach(Device device, int pasid) {
        CoreDevice.of(device).requireGroup().pasids().detach(this, pasid);
    }

    @Override
    public void close() {
        if (use != Use.APPLICATION) {
            throw IommuException.of(Errno.EBUSY, "Domain %s is a %s domain of unit %s, which the core frees itself", name,
                    use == Use.DEFAULT ? "default" : "static", unit.name());
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
            if (!closed) {
                closed = true;
                dropPart();
                table.remove(this);
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
