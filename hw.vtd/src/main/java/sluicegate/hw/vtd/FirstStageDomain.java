package sluicegate.hw.vtd;

import java.util.Set;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.types.IommuException;
import sluicegate.pgtable.X86LongMode;

/**
 * Tables of the first stage, in the format of processors (section 9.7): what a device's domain is by default in scalable mode.
 * Hardware caches what they map under domain id and PASID, so both have to be told when something is unmapped.
 */
final class FirstStageDomain extends PagingDomain {
    private volatile boolean forceSnoop;

    /** @throws IommuException ENOMEM, ENOSPC */
    FirstStageDomain(VtdUnit unit, Set<AllocFlag> flags) {
        // Execute permission is asked for by nobody (ERE is clear), so the bit that forbids it is not used.
        super(unit, new X86LongMode(unit.capabilities().firstStageMode().levels(), unit.capabilities().firstStagePageSizes(), false),
                flags);
    }

    @Override
    public long apertureEnd() {
        return (1L << unit().capabilities().firstStageApertureBits()) - 1;
    }

    @Override
    PasidWords pasidEntry(int pasid) {
        return PasidWords.firstStage(id(), table().top(), unit().capabilities()).snooping(forceSnoop);
    }

    @Override
    public long mapPages(long iova, long address, long pageSize, long count, int prot) {
        return table().map(iova, address, pageSize, count, prot);
    }

    /** The first stage never caches that there was nothing, not even in caching mode (6.1). */
    @Override
    public void iotlbSyncMap(long iova, long size) {
        if (unit().capabilities().writeBufferFlush()) {
            unit().window().flushWriteBuffer();
        }
    }

    @Override
    void invalidate(long first, long last, boolean leavesOnly) {
        for (int slot : users().slots()) {
            unit().scalable().iotlbRange(id(), slot, first, last, leavesOnly);
        }
    }

    @Override
    void invalidateAll() {
        for (int slot : users().slots()) {
            unit().scalable().iotlb(id(), slot);
        }
    }

    /** From now on every access snoops, to what is mapped already as well ({@code intel_iommu_enforce_cache_coherency_fs}). */
    @Override
    public boolean enforceCacheCoherency() {
        if (!unit().capabilities().snoopControl()) {
            return false;
        }
        forceSnoop = true;
        refreshEntries();
        return true;
    }
}
