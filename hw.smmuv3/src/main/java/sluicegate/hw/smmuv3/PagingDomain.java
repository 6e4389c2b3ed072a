package sluicegate.hw.smmuv3;

import java.lang.invoke.VarHandle;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.pgtable.ArmLpae;
import sluicegate.pgtable.PageTable;

/**
 * A domain with page tables and an ASID or VMID of its own. Any number of devices of its unit may use it.
 *
 * <p>Its {@link InvalidationArray} says what has to be told of an unmap: the tag, once for each device that uses it, and devices with
 * caches of their own. As long as no device does, nothing of it can be cached: the last one that left made the hardware
 * forget it all. Then there is nothing to invalidate either.
 */
abstract class PagingDomain extends Smmuv3Domain {
    private final ArmLpae format;
    private final PageTable table;
    private volatile InvalidationArray invalidations = InvalidationArray.EMPTY;
    private final boolean shared;
    private boolean freed;

    /** @throws IommuException ENOMEM */
    PagingDomain(Smmuv3Unit unit, ArmLpae format) {
        super(unit);
        this.format = format;
        this.table = new PageTable(format, unit.memory(), unit.arena(), this::iotlbSync);
        this.shared = false;
    }

    /** With the tables of an address space, whose they stay. */
    PagingDomain(Smmuv3Unit unit, ArmLpae format, long top) {
        super(unit);
        this.format = format;
        this.table = new PageTable(format, unit.memory(), unit.arena(), this::iotlbSync, top);
        this.shared = true;
    }

    final ArmLpae format() {
        return format;
    }

    final PageTable table() {
        return table;
    }

    /** What the unit knows its translations by, the first for all devices that use it: {@link InvalidationTarget}s. */
    abstract long[] tags();

    /** Gives the tag back. */
    abstract void freeTag();

    @Override
    public final DomainType type() {
        return shared ? DomainType.SVA : DomainType.UNMANAGED;
    }

    @Override
    public final long pageSizes() {
        return format.pageSizes();
    }

    @Override
    public final long apertureEnd() {
        return (1L << format.inputBits()) - 1;
    }

    @Override
    final boolean translates() {
        return true;
    }

    @Override
    final synchronized void acquire() {
        addTargets(tags());
    }

    @Override
    final synchronized void release() {
        if (devices() == 1) {
            // An unmap that comes now still finds a device and invalidates for itself.
            unit().invalidator().all(InvalidationArray.of(tags()));
        }
        removeTargets(tags());
    }

    @Override
    final void addCaches(int[] sids, int ssid) {
        addTargets(InvalidationTarget.devices(sids, ssid, false));
    }

    @Override
    final void removeCaches(int[] sids, int ssid) {
        removeTargets(InvalidationTarget.devices(sids, ssid, false));
    }

    /** Has these told of what is unmapped from now on. */
    final synchronized void addTargets(long[] targets) {
        invalidations = invalidations.merge(targets);
    }

    /** Not any longer. Whoever is unmapping sees it at once, in the array that it has. */
    final synchronized void removeTargets(long[] targets) {
        invalidations.unref(targets);
        invalidations = invalidations.purge();
    }

    private int devices() {
        return invalidations.usersOf(tags()[0]);
    }

    @Override
    public final long mapPages(long iova, long address, long pageSize, long count, int prot) {
        return table.map(iova, address, pageSize, count, prot);
    }

    @Override
    public final long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        return table.unmap(iova, pageSize * count, gather);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IommuException ETIMEDOUT or EINVAL if the hardware fails; the gathered tables are not freed then
     */
    @Override
    public final void iotlbSync(IotlbGather gather) {
        if (!gather.isEmpty()) {
            unit().invalidator().range(current(), gather.start(), gather.end(), gather.pageSize(), !gather.hasTables());
        }
        table.freeTables(gather);
    }

    @Override
    public final void flushIotlbAll() {
        unit().invalidator().all(current());
    }

    @Override
    public final long iovaToPhys(long iova) {
        return table.iovaToPhys(iova);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IommuException EBUSY while a device uses it, or may still have translations of it cached because an invalidation
     *     failed
     */
    @Override
    public final void free() {
        if (isUsed()) {
            throw IommuException.of(Errno.EBUSY, "%s: a domain is still used by %d devices; attach them to another domain first",
                    unit().name(), devices());
        }
        discard();
        unit().forget(this);
    }

    /** Gives tables and tag back. The hardware has forgotten both. */
    final synchronized void discard() {
        if (!freed) {
            freed = true;
            if (!shared) {
                table.free();
            }
            freeTag();
        }
    }

    /** Whether hardware may know of it. */
    final boolean isUsed() {
        return invalidations.size() != 0;
    }

    /** Who has to be told of what the table maps no longer. */
    private InvalidationArray current() {
        // A device that is not there has not seen its entry yet, and will see the table as it is now: the array changes before
        // the entry is written, and the table was changed before this fence.
        VarHandle.fullFence();
        return invalidations;
    }
}
