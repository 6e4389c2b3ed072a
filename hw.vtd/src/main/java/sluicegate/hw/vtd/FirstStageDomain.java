package sluicegate.hw.vtd;

import java.util.Set;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.types.IommuException;
import sluicegate.pgtable.X86LongMode;
import sluicegate.spec.vtd.FirstStageMode;
import sluicegate.spec.vtd.PasidEntry;

/**
 * Tables of the first stage, in the format of processors (section 9.7): what a device's domain is by default in scalable mode, and
 * what shares an address space with a processor.
 *
 * <p>Hardware caches what they map under domain id and PASID, so both have to be told when something is unmapped.
 */
final class FirstStageDomain extends PagingDomain {
    private final FirstStageMode mode;
    /** What it sets in the third word of a PASID entry. */
    private final long entryBits;
    private volatile boolean forceSnoop;

    /** @throws IommuException ENOMEM, ENOSPC */
    FirstStageDomain(VtdUnit unit, Set<AllocFlag> flags) {
        // Execute permission is asked for by nobody (ERE is clear), so the bit that forbids it is not used.
        super(unit, format(unit, unit.capabilities().firstStageMode(), false), flags);
        mode = unit.capabilities().firstStageMode();
        entryBits = 0;
    }

    /**
     * For the tables of an address space, which forbid execution ({@code intel_svm_domain_alloc}, {@code pasid_set_nxe}).
     *
     * @throws IommuException ENOSPC
     */
    FirstStageDomain(VtdUnit unit, FirstStageMode mode, SharedTables tables) {
        super(unit, format(unit, mode, true), tables);
        this.mode = mode;
        // Where no request ever asks for execute permission, the bit that forbids it is ignored and NXE is reserved (9.6).
        entryBits = unit.capabilities().executeRequests() ? PasidEntry.NXE.mask() : 0;
    }

    private static X86LongMode format(VtdUnit unit, FirstStageMode mode, boolean noExecute) {
        return new X86LongMode(mode.levels(), unit.capabilities().firstStagePageSizes(), noExecute);
    }

    @Override
    public long apertureEnd() {
        return (1L << unit().capabilities().firstStageApertureBits(mode)) - 1;
    }

    @Override
    PasidWords pasidEntry(int pasid) {
        return PasidWords.firstStage(id(), table().top(), mode, unit().capabilities()).with(entryBits).snooping(forceSnoop);
    }

    /** {@inheritDoc} The PASID's entry stays away until it is blocked, and keeps its faults secret. */
    @Override
    public void spaceEnded(DeviceContext device, int pasid, DriverDomain blocked) {
        unit().deviceOf(device).endPasid(pasid);
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
