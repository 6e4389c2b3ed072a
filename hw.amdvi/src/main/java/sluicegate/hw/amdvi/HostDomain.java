package sluicegate.hw.amdvi;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.pgtable.AmdHost;
import sluicegate.pgtable.GrowingPageTable;
import sluicegate.pgtable.PageTable;

/**
 * A domain with host page tables ("v1") and a domain id of its own. Any number of devices of its unit may use it. The table starts
 * with three levels and gets more when an IOVA needs them; then the entries of all devices are written anew, each by one
 * store, since the top and its depth stand in one word.
 *
 * <p>It may be the parent of nested domains, whose devices use its table behind those of a guest and under ids of their own.
 *
 * <p>As long as no device uses it, nothing of it can be cached: the last one that left had all of it forgotten. Then there is
 * nothing to invalidate either.
 */
final class HostDomain extends AmdviDomain {
    private static final int FIRST_LEVELS = 3;

    private final int id;
    private final boolean canTrack;
    private final boolean parent;
    private final boolean cachesNotPresent;
    private final Invalidator invalidator;
    /** The format of the deepest table that the unit walks. */
    private final AmdHost deepest;
    private final GrowingPageTable table;
    private final AtomicInteger users = new AtomicInteger();
    private final FlushTargets targets = new FlushTargets();
    private final GuestDomainIds guests;
    private volatile boolean forceSnoop;
    /** Whose entries lead here; this, the top that they have and the rest below are guarded by the lock of the list. */
    private final List<Entered> entered = new ArrayList<>();
    private long top;
    private int levels;
    private boolean tracking;
    private boolean freed;

    /** A device, and the domain that says what its entries are: this one, or a nested one. */
    private record Entered(AmdviDevice device, AmdviDomain as) {}

    /**
     * @param canTrack whether it was allocated to track dirty pages
     * @param parent whether it was allocated to be the parent of nested domains
     * @throws IommuException ENOMEM, ENOSPC
     */
    HostDomain(AmdviUnit unit, boolean canTrack, boolean parent) {
        super(unit);
        var capabilities = unit.capabilities();
        this.canTrack = canTrack;
        this.parent = parent;
        cachesNotPresent = capabilities.cachesNotPresent();
        invalidator = unit.invalidator();
        guests = new GuestDomainIds(unit.domainIds(), invalidator);
        deepest = capabilities.hostFormat(capabilities.hostLevels());
        id = unit.domainIds().allocate();
        try {
            table = new GrowingPageTable(capabilities::hostFormat, FIRST_LEVELS, deepest.levels(), unit.memory(),
                    unit.arena(), this::iotlbSync, this::grown);
        } catch (IommuException e) {
            unit.domainIds().free(id);
            throw e;
        }
        top = table.current().top();
        levels = FIRST_LEVELS;
    }

    int id() {
        return id;
    }

    @Override
    public DomainType type() {
        return DomainType.UNMANAGED;
    }

    @Override
    public long pageSizes() {
        return deepest.pageSizes();
    }

    @Override
    public long apertureEnd() {
        return (1L << deepest.inputBits()) - 1;
    }

    /** Whether nested domains may be built on it. */
    boolean isParent() {
        return parent;
    }

    GuestDomainIds guests() {
        return guests;
    }

    @Override
    DeviceEntry entry(AmdviDevice device) {
        return entryUnder(id);
    }

    /** The table as it is now, for what is cached under a domain id. To be asked by {@link #enter} only. */
    DeviceEntry entryUnder(int domainId) {
        return DeviceEntry.host(domainId, top, levels, tracking);
    }

    @Override
    void acquire(AmdviDevice device) {
        acquire(device, this);
    }

    @Override
    void enter(AmdviDevice device) {
        enter(device, this);
    }

    @Override
    void exit(AmdviDevice device) {
        exit(device, this);
    }

    /** A device is about to use it, directly or behind a guest's tables. */
    void acquire(AmdviDevice device, AmdviDomain as) {
        if (device.canHaveDeviceTlb() && as.allowsDeviceTlb()) {
            targets(as).add(device.hostTarget());
        }
        users.incrementAndGet();
    }

    private FlushTargets targets(AmdviDomain as) {
        return as == this ? targets : guests.targets();
    }

    void enter(AmdviDevice device, AmdviDomain as) {
        synchronized (entered) {
            entered.add(new Entered(device, as));
            device.writeEntries(as.entry(device));
        }
    }

    void exit(AmdviDevice device, AmdviDomain as) {
        synchronized (entered) {
            entered.remove(new Entered(device, as));
        }
    }

    @Override
    void forget(AmdviDevice device) {
        invalidator.domain(id);
    }

    @Override
    void release(AmdviDevice device) {
        release(device, this);
    }

    void release(AmdviDevice device, AmdviDomain as) {
        users.decrementAndGet();
        if (device.canHaveDeviceTlb() && as.allowsDeviceTlb()) {
            targets(as).remove(device.hostTarget());
        }
    }

    /** Has all devices use a higher table. The one below stays valid, so nothing that is cached is wrong. */
    private void grown(PageTable higher) {
        synchronized (entered) {
            top = higher.top();
            levels = higher.format().levels();
            rewrite();
        }
    }

    private void rewrite() {
        for (var each : entered) {
            each.device.writeEntries(each.as.entry(each.device));
        }
    }

    private void invalidate(long first, long last, boolean tables) {
        invalidator.hostPages(id, targets.get(), first, last, tables);
        guests.invalidate(first, last, tables);
    }

    @Override
    public long mapPages(long iova, long address, long pageSize, long count, int prot) {
        return table.map(iova, address, pageSize, count, forceSnoop ? prot | Prot.CACHE : prot);
    }

    @Override
    public long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        return table.unmap(iova, pageSize * count, gather);
    }

    @Override
    public void iotlbSyncMap(long iova, long size) {
        if (cachesNotPresent && size != 0 && isUsed()) {
            aligned(iova, iova + size - 1);
        }
    }

    /**
     * Naturally aligned powers of two and no page more. A unit that caches what is not present is a virtual one most
     * often, for which each page that is invalidated in vain means work ({@code amd_iommu_domain_flush_pages}).
     */
    private void aligned(long first, long last) {
        long at = first;
        while (Long.compareUnsigned(at, last) <= 0) {
            long left = last - at + 1;
            long size = Math.min(Long.highestOneBit(left), at == 0 ? Long.highestOneBit(left) : Long.lowestOneBit(at));
            invalidate(at, at + size - 1, false);
            at += size;
            if (at == 0) {
                return;
            }
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
            invalidate(gather.start(), gather.end(), gather.hasTables());
        }
        table.freeTables(gather);
    }

    @Override
    public void flushIotlbAll() {
        if (isUsed()) {
            invalidate(0, -1L, true);
        }
    }

    @Override
    public long iovaToPhys(long iova) {
        return table.iovaToPhys(iova);
    }

    /** From now on every new mapping is coherent (FC). */
    @Override
    public boolean enforceCacheCoherency() {
        forceSnoop = true;
        return true;
    }

    /** {@inheritDoc} What is cached without dirty bits is forgotten ({@code amd_iommu_set_dirty_tracking}). */
    @Override
    public void setDirtyTracking(boolean enabled) {
        checkTracking();
        synchronized (entered) {
            if (tracking != enabled) {
                tracking = enabled;
                rewrite();
            }
        }
        flushIotlbAll();
    }

    @Override
    public void readAndClearDirty(long iova, long size, boolean clear, DirtyPages pages) {
        checkTracking();
        var current = table.current();
        boolean cleared = new DirtyWalk(current.format(), unit().memory(), clear, pages).walk(current.top(), iova, size);
        if (cleared && isUsed()) {
            invalidate(iova, iova + size - 1, false);
        }
    }

    private void checkTracking() {
        if (!canTrack) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: domain %d was not allocated to track dirty pages", unit().name(), id);
        }
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
            throw IommuException.of(Errno.EBUSY, "%s: domain %d is still used by %d devices; attach them to another domain first",
                    unit().name(), id, users.get());
        }
        discard();
        unit().forget(this);
    }

    /** Gives table and id back. The hardware has forgotten both. */
    synchronized void discard() {
        if (!freed) {
            freed = true;
            table.free();
            unit().domainIds().free(id);
        }
    }

    /** Whether hardware may know of it. */
    boolean isUsed() {
        // A device that is not counted here has not seen its entry yet, and will see the table as it is now: the count
        // goes up before the entry is written, and the table was changed before this fence.
        VarHandle.fullFence();
        return users.get() != 0;
    }
}
