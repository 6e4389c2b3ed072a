package sluicegate.hw.vtd;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.VtdSecondStage;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.TranslationType;

/**
 * A domain with a second-stage page table and a domain id of its own. Any number of devices of its unit may use it.
 *
 * <p>As long as no device does, nothing of it can be cached: the last detach invalidated the whole domain id. Then there is
 * nothing to invalidate either.
 */
final class PagingDomain extends VtdDomain {
    private final int id;
    private final PageTable table;
    private final Invalidator invalidator;
    private final boolean cachingMode;
    private final boolean writeBufferFlush;
    private final AtomicInteger devices = new AtomicInteger();
    private volatile boolean forceSnoop;
    private boolean freed;

    /** @throws IommuException ENOMEM, ENOSPC */
    PagingDomain(VtdUnit unit) {
        super(unit);
        var capabilities = unit.capabilities();
        invalidator = unit.invalidator();
        cachingMode = capabilities.cachingMode();
        writeBufferFlush = capabilities.writeBufferFlush();
        id = unit.domainIds().allocate();
        try {
            table = new PageTable(new VtdSecondStage(capabilities.width(), capabilities.pageSizes()), unit.memory(), unit.arena(),
                    this::iotlbSync);
        } catch (IommuException e) {
            unit.domainIds().free(id);
            throw e;
        }
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
        return table.format().pageSizes();
    }

    @Override
    public long apertureEnd() {
        return (1L << unit().capabilities().apertureBits()) - 1;
    }

    @Override
    long contextLow() {
        return ContextEntry.SSPTPTR.setInPlace(ContextEntry.P.mask(), table.top())
                | ContextEntry.TT.set(0, TranslationType.UNTRANSLATED.code());
    }

    @Override
    long contextHigh() {
        return ContextEntry.DID.set(ContextEntry.AW.set(0, unit().capabilities().width().code()), id);
    }

    @Override
    void acquire() {
        devices.incrementAndGet();
    }

    @Override
    void release() {
        devices.decrementAndGet();
    }

    @Override
    public long mapPages(long iova, long address, long pageSize, long count, int prot) {
        boolean snoop = forceSnoop || (prot & Prot.CACHE) != 0 && unit().capabilities().snoopControl();
        return table.map(iova, address, pageSize, count, snoop ? prot | Prot.CACHE : prot & ~Prot.CACHE);
    }

    @Override
    public long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        return table.unmap(iova, pageSize * count, gather);
    }

    @Override
    public void iotlbSyncMap(long iova, long size) {
        if (cachingMode) {
            if (size != 0 && isUsed()) {
                invalidator.iotlbRange(id, iova, iova + size - 1, false);
            }
        } else if (writeBufferFlush) {
            unit().window().flushWriteBuffer();
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
            invalidator.iotlbRange(id, gather.start(), gather.end(), !gather.hasTables());
        }
        table.freeTables(gather);
    }

    @Override
    public void flushIotlbAll() {
        if (isUsed()) {
            invalidator.iotlbDomain(id);
        }
    }

    @Override
    public long iovaToPhys(long iova) {
        return table.iovaToPhys(iova);
    }

    /** From now on every new mapping snoops ({@code intel_iommu_enforce_cache_coherency_ss}). */
    @Override
    public boolean enforceCacheCoherency() {
        forceSnoop = unit().capabilities().snoopControl();
        return forceSnoop;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IommuException EBUSY while a device uses it, or may still have translations of it cached because an invalidation
     *     failed
     */
    @Override
    public void free() {
        if (devices.get() != 0) {
            throw IommuException.of(Errno.EBUSY, "%s: domain %d is still used by %d devices; attach them to another domain first",
                    unit().name(), id, devices.get());
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
        // A device that is not counted here has not seen its context entry yet, and will see the table as it is now: the
        // count goes up before the entry is written, and the table was changed before this fence.
        VarHandle.fullFence();
        return devices.get() != 0;
    }
}
