package sluicegate.core.impl;

import java.util.Optional;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.ledger.MappingLedger;
import sluicegate.core.impl.ledger.PageSizes;

/**
 * Maps and unmaps ranges in a driver's part of a domain, page size by page size ({@code iommu_map_nosync}, {@code
 * __iommu_unmap}). Belongs to one domain and is used under its mutex.
 */
final class PageMapper {
    private final Quarantine quarantine;
    private long clearedFrom;
    private IommuException failure;

    /** @param quarantine takes what is cleared */
    PageMapper(Quarantine quarantine) {
        this.quarantine = quarantine;
    }

    /**
     * Maps all of a range, or nothing: a failure, also a partial one, is reported and what was mapped is undone.
     *
     * @throws IommuException as the driver throws; ENOMEM if it stopped short
     */
    void map(DriverDomain part, long iova, long address, long size, int prot) {
        long sizes = part.pageSizes();
        long mapped = 0;
        try {
            while (mapped != size) {
                long page = PageSizes.pageSize(sizes, iova + mapped | address + mapped, size - mapped);
                long count = PageSizes.count(sizes, page, iova + mapped, address + mapped, size - mapped);
                long done = part.mapPages(iova + mapped, address + mapped, page, count, prot);
                mapped += done;
                if (done != page * count) {
                    throw IommuException.of(Errno.ENOMEM, "Only %s bytes of %s could be mapped: no memory for page tables",
                            Hex.of(mapped), Hex.range(iova, size));
                }
            }
            part.iotlbSyncMap(iova, size);
        } catch (RuntimeException | LinkageError e) {
            throw undo(part, iova, address, size, mapped, DriverErrors.of(e, "Mapping " + Hex.range(iova, size)));
        }
    }

    /** Unmaps the first {@code mapped} bytes. Returns {@code why}, with what went wrong on the way back attached. */
    private IommuException undo(DriverDomain part, long iova, long address, long size, long mapped, IommuException why) {
        long undone = 0;
        try {
            long sizes = part.pageSizes();
            while (Long.compareUnsigned(undone, mapped) < 0) {
                long page = PageSizes.pageSize(sizes, iova + undone | address + undone, size - undone);
                long count = PageSizes.count(sizes, page, iova + undone, address + undone, size - undone);
                count = Math.min(count, Long.divideUnsigned(mapped - undone, page));
                long done = part.unmapPages(iova + undone, page, count, quarantine.gather());
                undone += done;
                if (done != page * count) {
                    throw IommuException.of(Errno.EIO, "Only %s of %s bytes mapped could be unmapped again",
                            Hex.of(undone), Hex.of(mapped));
                }
            }
            quarantine.flush(part);
        } catch (RuntimeException | LinkageError e) {
            why.addSuppressed(e);
            if (undone != 0) {
                quarantine.add(iova, undone);
            }
        }
        return why;
    }

    /**
     * Clears the pages that hold {@code [iova, last]}, from the ledger's first range on to its first hole. Pages go as a
     * whole, also where they reach beyond the range. The hardware may remember them.
     *
     * @param position the ledger's range that holds {@code iova}
     * @return bytes cleared from {@link #clearedFrom} on
     */
    long clear(DriverDomain part, MappingLedger ledger, long position, long iova, long last) {
        long sizes = part.pageSizes();
        long first = PageSizes.pageStart(sizes, ledger.startAt(position), ledger.addressAt(position),
                ledger.sizeAt(position), iova);
        long at = first;
        clearedFrom = first;
        failure = null;
        IotlbGather gather = quarantine.gather();
        while (true) {
            long start = ledger.startAt(position);
            long end = start + ledger.sizeAt(position);
            long address = ledger.addressAt(position) + (at - start);
            long page = PageSizes.pageSize(sizes, at | address, end - at);
            long count = PageSizes.count(sizes, page, at, address, end - at);
            count = Math.min(count, Long.divideUnsigned(last - at, page) + 1);
            long done;
            try {
                done = part.unmapPages(at, page, count, gather);
            } catch (RuntimeException | LinkageError e) {
                failure = DriverErrors.of(e, "Unmapping " + Hex.range(at, end - at));
                break;
            }
            at += done;
            if (done != page * count || Long.compareUnsigned(at - 1, last) >= 0) {
                break;
            }
            if (at == end) {
                position = ledger.next(position);
                if (position == MappingLedger.NONE || ledger.startAt(position) != at) {
                    break; // a hole
                }
            }
        }
        return at - first;
    }

    /** Why the latest {@link #clear} ended where it did, if the driver failed; what it had cleared is cleared. */
    Optional<IommuException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Where the latest {@link #clear} began: at the start of the page that holds the first address to go. */
    long clearedFrom() {
        return clearedFrom;
    }
}
