package sluicegate.core.impl;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import sluicegate.api.Device;
import sluicegate.api.Domain.DirtyRange;
import sluicegate.api.Domain.Mapping;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.dma.DmaMappings;
import sluicegate.core.impl.dma.DmaSpace;

/**
 * The IO virtual addresses of a domain: what is mapped, in the core's ledger and in the driver's part, what its users reserve, and
 * what the DMA layer has given away. Whoever meets a change of drivers waits for the next one, with no lock held.
 */
final class DomainSpace implements DmaMappings {
    private final String name;
    private final CoreUnit unit;
    private final FlushTimer flushTimer;
    private final ReentrantLock mutex = new ReentrantLock();
    private final DomainMappings mappings;
    private final DomainUsers users;
    private final DriverPart part;
    private volatile DomainType type;
    /** Whether the flush timer has been started and has not gone off. */
    private boolean flushDue;
    /** What the DMA layer keeps of it, from the first time on that it is asked for. */
    private volatile Optional<DmaSpace> dma = Optional.empty();

    /** @param ours whether the core frees the driver's part */
    DomainSpace(String name, CoreUnit unit, DomainType type, boolean ours, FlushTimer flushTimer) {
        this.name = name;
        this.unit = unit;
        this.type = type;
        this.flushTimer = flushTimer;
        this.mappings = new DomainMappings(name);
        this.users = new DomainUsers(name, type, mappings.ledger());
        this.part = new DriverPart(name, unit, ours, mappings);
    }

    @Override
    public String name() {
        return name;
    }

    DomainType type() {
        return type;
    }

    /** From now on unmaps may wait. */
    void unmapLazily() {
        type = DomainType.DMA_FQ;
    }

    /** Changed only in a {@link #change}. */
    DriverPart part() {
        return part;
    }

    /** Changed only in a {@link #change}. */
    DomainUsers users() {
        return users;
    }

    /** Does something under the domain's mutex. */
    void change(Runnable change) {
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

    private DriverDomain requireMappable() {
        if (!type.paging()) {
            throw IommuException.of(Errno.EINVAL, "Domain %s is a %s domain, which holds no mappings", name, type.word());
        }
        var driverPart = part.requireTranslatedBy();
        if (driverPart.pageSizes() == 0) {
            throw IommuException.of(Errno.ENODEV, "The driver of unit %s offers no page size for domain %s", unit.name(), name);
        }
        return driverPart;
    }

    /** Maps a reserved region one to one, where it is not mapped yet. */
    void mapDirectly(ReservedRegion region) {
        change(() -> mappings.mapDirectly(part.require(), region));
    }

    /** As {@link sluicegate.api.Domain#unmap}. */
    long unmap(long iova, long size) {
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
            long unmapped = mappings.unmap(part.requireTranslatedBy(), iova, size, lazily);
            flushSoon(lazily);
            return unmapped;
        } finally {
            mutex.unlock();
        }
    }

    List<Mapping> mappings() {
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

    // ---- what devices write to

    /** As {@link sluicegate.api.Domain#setDirtyTracking}. */
    void setDirtyTracking(boolean enabled) {
        unit.doWithDriver(() -> change(() -> mappings.dirty().set(part.requireTranslatedBy(), enabled)));
    }

    boolean dirtyTracking() {
        return mappings.dirty().isOn();
    }

    /** As {@link sluicegate.api.Domain#readAndClearDirty}, or {@link sluicegate.api.Domain#readDirty}. */
    List<DirtyRange> readDirty(long iova, long size, long pageSize, boolean clear) {
        return unit.withDriver(() -> {
            mutex.lock();
            try {
                return mappings.dirty().read(part.requireTranslatedBy(), iova, size, pageSize, clear);
            } finally {
                mutex.unlock();
            }
        });
    }

    // ---- what hardware has to forget

    private void flushSoon(boolean lazily) {
        if (lazily && !flushDue && mappings.pending()) {
            flushDue = true;
            flushTimer.start(this::flush);
        }
    }

    /** Makes the hardware forget what was unmapped. */
    private void flush() {
        change(() -> {
            flushDue = false; // if it fails, the next unmap has it tried again
            part.get().ifPresent(mappings::flush);
        });
    }

    /** As {@link CoreDomain#forgetShared}. */
    void forgetShared(long address, long size) {
        var gather = new IotlbGather();
        gather.add(address, size, MemoryArena.PAGE_SIZE);
        unit.tell(() -> {
            mutex.lock();
            try {
                boolean toldNow = !unit.translating();
                if (toldNow) {
                    part.get().ifPresent(driverPart -> driverPart.iotlbSync(gather));
                }
                return toldNow;
            } finally {
                mutex.unlock();
            }
        });
    }

    /** Makes the hardware forget all of an address space. */
    void forgetShared() {
        change(() -> part.get().ifPresent(DriverDomain::flushIotlbAll));
    }

    /** As {@link sluicegate.api.Domain#invalidateGuest}. */
    GuestInvalidation invalidateGuest(List<Long> commands, Map<Integer, Device> devices) {
        return unit.withDriver(() -> {
            mutex.lock();
            try {
                return invalidateGuest(part.requireTranslatedBy(), commands, devices);
            } finally {
                mutex.unlock();
            }
        });
    }

    private GuestInvalidation invalidateGuest(DriverDomain driverPart, List<Long> commands, Map<Integer, Device> devices) {
        var known = new HashMap<Integer, DeviceContext>();
        devices.forEach((id, device) -> {
            var bound = CoreDevice.of(device).requireBound();
            if (bound.unit() != unit) {
                throw IommuException.of(Errno.EINVAL, "Domain %s is of unit %s, and device %s, which a guest knows as %s, is behind %s",
                        name, unit.name(), device.name(), Hex.of(Integer.toUnsignedLong(id)), bound.unit().name());
            }
            known.put(id, bound.context());
        });
        try {
            return driverPart.invalidateGuest(commands, known);
        } catch (RuntimeException | LinkageError e) {
            throw DriverErrors.of(e, "Carrying out a guest's invalidations for domain " + name);
        }
    }

    // ---- what is mapped where

    /** As {@link sluicegate.api.Domain#iovaToPhys}. */
    OptionalLong iovaToPhys(long iova) {
        switch (type) {
            case IDENTITY:
                return OptionalLong.of(iova);
            case BLOCKED, NESTED:
                return OptionalLong.empty();
            default:
                long address = addressOf(iova);
                return address == DriverDomain.NOT_MAPPED ? OptionalLong.empty() : OptionalLong.of(address);
        }
    }

    /** Takes no lock: if the driver's part went away meanwhile, the answer, whatever it was, counts for nothing. */
    @Override
    public long addressOf(long iova) {
        while (true) {
            long seen = unit.handover().seen();
            try {
                return addressNow(iova);
            } catch (IommuException e) {
                unit.awaitDriver(seen, e);
            }
        }
    }

    private long addressNow(long iova) {
        var driverPart = part.require();
        try {
            long address = driverPart.iovaToPhys(iova);
            if (part.is(driverPart)) {
                return address;
            }
        } catch (RuntimeException | LinkageError e) {
            if (part.is(driverPart)) {
                throw DriverErrors.of(e, "Looking up " + Hex.of(iova) + " in domain " + name);
            }
        }
        throw unit.noDriver();
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
                dma = Optional.of(DomainIovas.make(this, part, mappings, users.reserved(), flushTimer));
            }
            return dma;
        } finally {
            mutex.unlock();
        }
    }

    /** Under the mutex: takes regions from the DMA layer that a new user's devices have reserved. */
    void reserve(List<ReservedRegion> regions) {
        if (dma.isPresent()) {
            part.get().ifPresent(mappings::flush); // so that what waits can be reserved
            dma.get().reserve(regions.stream().filter(region -> ReservedRegions.concerns(type, region)).toList());
        }
    }

    @Override
    public long granule() {
        return Long.lowestOneBit(part.pageSizes());
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
            long unmapped = mappings.release(part.requireTranslatedBy(), iova, mapped, length, lazily);
            flushSoon(lazily);
            return unmapped;
        } finally {
            mutex.unlock();
        }
    }
}
