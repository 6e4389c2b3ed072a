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
 * <p>As long as no device does, nothing of it can be cached: the last one that left made the hardware forget it all. Then there
 * is nothing to invalidate either.
 */
abstract class PagingDomain extends Smmuv3Domain {
    private final ArmLpae format;
    private final PageTable table;
    private final DeviceTlbTargets targets = new DeviceTlbTargets();
    private volatile int devices;
    private boolean freed;

    /** @throws IommuException ENOMEM */
    PagingDomain(Smmuv3Unit unit, ArmLpae format) {
        super(unit);
        this.format = format;
        this.table = new PageTable(format, unit.memory(), unit.arena(), this::iotlbSync);
    }

    final ArmLpae format() {
        return format;
    }

    final PageTable table() {
        return table;
    }

    /** Makes the unit forget a range, at all stages, and returns when it has. */
    abstract void invalidate(long first, long last, long pageSize, boolean leaf);

    /** Makes the unit forget everything. */
    abstract void invalidateAll();

    /** Gives the tag back. */
    abstract void freeTag();

    @Override
    public final DomainType type() {
        return DomainType.UNMANAGED;
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
        devices++;
    }

    @Override
    final synchronized void release() {
        if (devices == 1) {
            // An unmap that comes now still finds a device and invalidates for itself.
            invalidateAll();
        }
        devices--;
    }

    @Override
    final void addTarget(int sid, int ssid) {
        targets.add(DeviceTlbTargets.target(sid, ssid, false));
    }

    @Override
    final void removeTarget(int sid, int ssid) {
        targets.remove(DeviceTlbTargets.target(sid, ssid, false));
    }

    /** Devices that reach this domain through another one's tables. */
    final DeviceTlbTargets targets() {
        return targets;
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
        if (!gather.isEmpty() && isUsed()) {
            invalidate(gather.start(), gather.end(), gather.pageSize(), !gather.hasTables());
            long[] caches = targets.get();
            if (caches.length != 0) {
                unit().invalidator().devices(caches, gather.start(), gather.end());
            }
        }
        table.freeTables(gather);
    }

    @Override
    public final void flushIotlbAll() {
        if (isUsed()) {
            invalidateAll();
            unit().invalidator().devices(targets.get());
        }
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
        if (devices != 0) {
            throw IommuException.of(Errno.EBUSY, "%s: a domain is still used by %d devices; attach them to another domain first",
                    unit().name(), devices);
        }
        discard();
        unit().forget(this);
    }

    /** Gives tables and tag back. The hardware has forgotten both. */
    final synchronized void discard() {
        if (!freed) {
            freed = true;
            table.free();
            freeTag();
        }
    }

    /** Whether hardware may know of it. */
    final boolean isUsed() {
        // A device that is not counted here has not seen its entry yet, and will see the table as it is now: the count goes up
        // before the entry is written, and the table was changed before this fence.
        VarHandle.fullFence();
        return devices != 0;
    }
}
