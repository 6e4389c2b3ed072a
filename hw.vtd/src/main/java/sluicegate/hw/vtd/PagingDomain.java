package sluicegate.hw.vtd;

import java.util.Set;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.types.IommuException;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.PageTableFormat;

/**
 * A domain with a page table: one of its own, or that of an address space.
 *
 * <p>As long as no device uses it, nothing of it can be cached: the last detach invalidated all of it. Then there is nothing to
 * invalidate either.
 */
abstract class PagingDomain extends TaggedDomain {
    private final PageTable table;
    private final boolean servesPageRequests;
    private final boolean shared;
    private boolean freed;

    /** @throws IommuException ENOMEM, ENOSPC */
    PagingDomain(VtdUnit unit, PageTableFormat format, Set<AllocFlag> flags) {
        super(unit);
        servesPageRequests = flags.contains(AllocFlag.FAULTS);
        shared = false;
        try {
            table = new PageTable(format, unit.memory(), unit.arena(), this::iotlbSync);
        } catch (IommuException e) {
            unit.domainIds().free(id());
            throw e;
        }
    }

    /**
     * With the tables of an address space, whose they stay. Its faults have to reach whoever fills them.
     *
     * @throws IommuException ENOSPC
     */
    PagingDomain(VtdUnit unit, PageTableFormat format, SharedTables tables) {
        super(unit);
        servesPageRequests = true;
        shared = true;
        table = new PageTable(format, unit.memory(), unit.arena(), this::iotlbSync, tables.top());
    }

    final PageTable table() {
        return table;
    }

    /** Makes the unit forget a range. */
    abstract void invalidate(long first, long last, boolean leavesOnly);

    /** Makes the unit forget everything. */
    abstract void invalidateAll();

    @Override
    public final DomainType type() {
        return shared ? DomainType.SVA : DomainType.UNMANAGED;
    }

    @Override
    public final long pageSizes() {
        return table.format().pageSizes();
    }

    @Override
    final boolean servesPageRequests() {
        return servesPageRequests;
    }

    @Override
    public final long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        return table.unmap(iova, pageSize * count, gather);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IommuException ETIMEDOUT, EIO or EINVAL if the hardware fails; the gathered tables are not freed then
     */
    @Override
    public final void iotlbSync(IotlbGather gather) {
        if (!gather.isEmpty() && isUsed()) {
            invalidate(gather.start(), gather.end(), !gather.hasTables());
            for (long user : users().deviceTlbs()) {
                unit().deviceTlbs().forgetRange(user, gather.start(), gather.end());
            }
        }
        table.freeTables(gather);
    }

    @Override
    public final void flushIotlbAll() {
        if (isUsed()) {
            invalidateAll();
            forgetInDevices();
        }
    }

    @Override
    public final long iovaToPhys(long iova) {
        return table.iovaToPhys(iova);
    }

    @Override
    final synchronized void discard() {
        if (!freed) {
            freed = true;
            if (!shared) {
                table.free();
            }
            unit().domainIds().free(id());
        }
    }
}
