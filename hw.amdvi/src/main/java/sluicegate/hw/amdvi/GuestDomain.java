package sluicegate.hw.amdvi;

import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.pgtable.PageTable;

/**
 * A domain with guest page tables ("v2"), which devices reach through their tables of PASIDs: for one PASID, or for requests
 * without one, which go where those with PASID 0 go. Each use has a tag of its own, the device's domain id and the PASID, and so
 * an invalidation of its own.
 *
 * <p>Devices that share a requester id are one to hardware, and so is their entry: they have no tables of PASIDs of their own, but go
 * through one of the domain, in which only PASID 0 leads anywhere.
 */
final class GuestDomain extends AmdviDomain {
    private final Invalidator invalidator;
    private final boolean cachesNotPresent;
    private final PageTable table;
    private final AtomicInteger users = new AtomicInteger();
    private final FlushTargets targets = new FlushTargets();
    private final boolean shared;
    private Optional<DevicePasids> common = Optional.empty();
    private boolean freed;

    /** @throws IommuException ENOMEM */
    GuestDomain(AmdviUnit unit) {
        super(unit);
        invalidator = unit.invalidator();
        cachesNotPresent = unit.capabilities().cachesNotPresent();
        table = new PageTable(unit.capabilities().guestFormat(), unit.memory(), unit.arena(), this::iotlbSync);
        shared = false;
    }

    /** With the tables of an address space, whose they stay ({@code amd_iommu_domain_alloc_sva}). */
    GuestDomain(AmdviUnit unit, SharedTables tables) {
        super(unit);
        invalidator = unit.invalidator();
        cachesNotPresent = unit.capabilities().cachesNotPresent();
        table = new PageTable(unit.capabilities().guestFormat(), unit.memory(), unit.arena(), this::iotlbSync, tables.top());
        shared = true;
    }

    /** The topmost table, which never changes. */
    long top() {
        return table.top();
    }

    @Override
    public DomainType type() {
        return shared ? DomainType.SVA : DomainType.UNMANAGED;
    }

    @Override
    public long pageSizes() {
        return table.format().pageSizes();
    }

    @Override
    public long apertureEnd() {
        return (1L << table.format().inputBits()) - 1;
    }

    @Override
    boolean allowsPasids() {
        return true;
    }

    @Override
    DeviceEntry entry(AmdviDevice device) {
        var pasids = tableOf(device);
        return pasids.into(DeviceEntry.identity(pasids.domainId())).withPasid0ForAll();
    }

    /** Through which table of PASIDs its requests without one go. */
    private synchronized DevicePasids tableOf(AmdviDevice device) {
        return device.pasids().or(() -> common).orElseThrow();
    }

    private synchronized void makeCommon() {
        if (common.isEmpty()) {
            var made = new DevicePasids(unit(), 1);
            made.table().set(0, top());
            common = Optional.of(made);
        }
    }

    private long target(AmdviDevice device, int pasid) {
        return device.target(tableOf(device).domainId(), pasid);
    }

    /** {@inheritDoc} @throws IommuException ENOMEM, ENOSPC; nothing has changed then */
    @Override
    void acquire(AmdviDevice device) {
        if (device.pasids().isEmpty()) {
            makeCommon();
        }
        use(device, Pasid.NONE);
    }

    @Override
    void enter(AmdviDevice device) {
        device.pasids().ifPresent(own -> own.table().set(0, top()));
        device.writeEntries(entry(device));
    }

    @Override
    void forget(AmdviDevice device) {
        if (device.pasids().isPresent()) {
            invalidator.pasid(device.pasids().get().domainId(), 0);
        } else {
            tableOf(device).forget();
        }
    }

    @Override
    void release(AmdviDevice device) {
        leave(device, Pasid.NONE);
    }

    /** A PASID of a device, or its requests without one, are about to use it. */
    void use(AmdviDevice device, int pasid) {
        targets.add(target(device, pasid));
        users.incrementAndGet();
    }

    /** That is over, and the hardware has forgotten it. */
    void leave(AmdviDevice device, int pasid) {
        users.decrementAndGet();
        targets.remove(target(device, pasid));
    }

    @Override
    public void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        unit().deviceOf(device).attachPasid(pasid, this);
    }

    @Override
    public long mapPages(long iova, long address, long pageSize, long count, int prot) {
        return table.map(iova, address, pageSize, count, prot);
    }

    @Override
    public long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        return table.unmap(iova, pageSize * count, gather);
    }

    @Override
    public void iotlbSyncMap(long iova, long size) {
        if (cachesNotPresent && size != 0 && isUsed()) {
            invalidator.guestPages(targets.get(), iova, iova + size - 1, false);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IommuException ETIMEDOUT, EIO or EINVAL if the hardware fails; the gathered tables are not freed then
     */
    @Override
    public void iotlbSync(IotlbGather gather) {
        if (!gather.isEmpty() && isUsed()) {
            invalidator.guestPages(targets.get(), gather.start(), gather.end(), gather.hasTables());
        }
        table.freeTables(gather);
    }

    @Override
    public void flushIotlbAll() {
        if (isUsed()) {
            invalidator.guestPages(targets.get(), 0, -1L, true);
        }
    }

    @Override
    public long iovaToPhys(long iova) {
        return table.iovaToPhys(iova);
    }

    /** Guest tables have no bit for it, and DMA through them snoops ({@code amd_iommu_enforce_cache_coherency}). */
    @Override
    public boolean enforceCacheCoherency() {
        return true;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IommuException EBUSY while a device uses it, or may still have translations of it cached because an invalidation
     *     failed
     */
    @Override
    public void free() {
        if (users.get() != 0) {
            throw IommuException.of(Errno.EBUSY, "%s: a domain with guest tables is still used %d times; detach it first",
                    unit().name(), users.get());
        }
        discard();
        unit().forget(this);
    }

    /** Gives the table back. The hardware has forgotten it. */
    synchronized void discard() {
        if (!freed) {
            freed = true;
            common.ifPresent(DevicePasids::discard);
            if (!shared) {
                table.free();
            }
        }
    }

    /** Whether hardware may know of it; see {@link HostDomain#isUsed}. */
    boolean isUsed() {
        VarHandle.fullFence();
        return users.get() != 0;
    }
}
