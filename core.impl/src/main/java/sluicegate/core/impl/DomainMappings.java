package sluicegate.core.impl;

import java.util.List;
import sluicegate.api.Domain.Mapping;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.ledger.MappingLedger;
import sluicegate.core.impl.ledger.PageSizes;

/**
 * What a paging domain maps: the core's ledger, the same in the tables of the driver's part, and what was unmapped and not yet
 * forgotten. Used under the domain's mutex.
 */
final class DomainMappings {
    private final String domain;
    private final MappingLedger ledger = new MappingLedger();
    private final Quarantine quarantine = new Quarantine();
    private final PageMapper mapper = new PageMapper(quarantine);
    private final DirtyTracking dirty;
    private Quarantine.RangeSink owner = (iova, size) -> { };

    DomainMappings(String domain) {
        this.domain = domain;
        this.dirty = new DirtyTracking(domain, ledger);
    }

    /** What is mapped, for reading. */
    MappingLedger ledger() {
        return ledger;
    }

    /** To which of its pages devices have written. */
    DirtyTracking dirty() {
        return dirty;
    }

    List<Mapping> toList() {
        return ledger.toList();
    }

    /** What the mapping that holds {@code iova} allows; 0 if there is none. Needs no mutex. */
    int protOf(long iova) {
        return ledger.protOf(iova);
    }

    // ---- mapping

    /**
     * Whether a range can be mapped, as far as the domain itself can tell. What hardware may still remember of it is forgotten
     * when this returns.
     *
     * @param lazily whether unmaps may wait, so that only those matter that lie in the range
     * @throws IommuException EINVAL, EEXIST; what the driver throws if the hardware does not forget
     */
    void requireFree(DriverDomain part, long iova, long address, long size, int prot, boolean lazily) {
        Prot.check(prot);
        if ((prot & (Prot.READ | Prot.WRITE)) == 0) {
            throw IommuException.of(Errno.EINVAL, "A mapping of %s must allow read or write", Hex.range(iova, size));
        }
        checkFits(part, iova, address, size);
        if (!quarantine.isEmpty() && (!lazily || quarantine.overlaps(iova, iova + size - 1))) {
            flush(part);
        }
        long taken = ledger.overlapping(iova, iova + size - 1);
        if (taken != MappingLedger.NONE) {
            throw IommuException.of(Errno.EEXIST, "%s in domain %s overlaps the mapping of %s to %s; unmap that first",
                    Hex.range(iova, size), domain, Hex.range(ledger.startAt(taken), ledger.sizeAt(taken)),
                    Hex.of(ledger.addressAt(taken)));
        }
    }

    /** Maps a range that is {@link #requireFree free}; all of it or nothing. */
    void map(DriverDomain part, long iova, long address, long size, int prot) {
        mapper.map(part, iova, address, size, prot);
        ledger.insert(iova, address, size, prot);
    }

    /**
     * Maps a reserved region one to one, where it is not mapped yet ({@code iommu_create_device_direct_mappings}).
     *
     * @throws IommuException EADDRINUSE if something else is mapped where firmware must find its memory (the kernel takes
     *     whatever is mapped there for the right thing); as mapping does
     */
    void mapDirectly(DriverDomain part, ReservedRegion region) {
        long granule = PageSizes.smallest(part.pageSizes());
        long end = (region.end() & -granule) + granule - 1;
        int prot = (region.prot() & (Prot.READ | Prot.WRITE)) == 0 ? Prot.READ | Prot.WRITE : region.prot();
        long at = region.start() & -granule;
        if (!quarantine.isEmpty()) {
            flush(part);
        }
        while (true) {
            long mapped = ledger.overlapping(at, end);
            boolean none = mapped == MappingLedger.NONE;
            long holeEnd = none ? end : ledger.startAt(mapped) - 1;
            long mappedEnd = none ? end : holeEnd + ledger.sizeAt(mapped);
            if (!none && region.type() == ReservedRegion.Type.DIRECT && ledger.addressAt(mapped) != ledger.startAt(mapped)) {
                throw IommuException.of(Errno.EADDRINUSE, "Domain %s maps %s to %s, where firmware must find its own memory",
                        domain, Hex.range(ledger.startAt(mapped), ledger.sizeAt(mapped)), Hex.of(ledger.addressAt(mapped)));
            }
            if (none || Long.compareUnsigned(at, ledger.startAt(mapped)) < 0) {
                checkFits(part, at, at, holeEnd - at + 1);
                map(part, at, at, holeEnd - at + 1, prot);
            }
            if (Long.compareUnsigned(mappedEnd, end) >= 0) {
                return;
            }
            at = mappedEnd + 1;
        }
    }

    /** Maps all of the ledger in a part that is new. @throws IommuException as mapping does */
    void replay(DriverDomain fresh) {
        for (long p = ledger.first(); p != MappingLedger.NONE; p = ledger.next(p)) {
            checkFits(fresh, ledger.startAt(p), ledger.addressAt(p), ledger.sizeAt(p));
            mapper.map(fresh, ledger.startAt(p), ledger.addressAt(p), ledger.sizeAt(p), ledger.protAt(p));
        }
    }

    private void checkFits(DriverDomain part, long iova, long address, long size) {
        long granule = PageSizes.smallest(part.pageSizes());
        if (granule == 0) {
            throw IommuException.of(Errno.EINVAL, "The driver's part of domain %s has no page size", domain);
        }
        if (size == 0 || ((iova | address | size) & granule - 1) != 0) {
            throw IommuException.of(Errno.EINVAL,
                    "IOVA %s, address %s and size %s must be multiples of %s, the smallest page of domain %s, and the size not 0",
                    Hex.of(iova), Hex.of(address), Hex.of(size), Hex.of(granule), domain);
        }
        long last = iova + size - 1;
        if (Long.compareUnsigned(last, iova) < 0 || Long.compareUnsigned(address + size - 1, address) < 0
                || Long.compareUnsigned(iova, part.apertureStart()) < 0 || Long.compareUnsigned(last, part.apertureEnd()) > 0) {
            throw IommuException.of(Errno.EINVAL, "%s bytes at IOVA %s to %s lie outside the aperture [%s, %s] of domain %s or pass 2^64",
                    Hex.of(size), Hex.of(iova), Hex.of(address), Hex.of(part.apertureStart()), Hex.of(part.apertureEnd()), domain);
        }
    }

    // ---- unmapping

    /**
     * Unmaps from {@code iova} to the first hole or the end of the range. Table cleared, then hardware made to forget, and only
     * then the range free for the next mapping.
     *
     * @param lazily whether the hardware may be made to forget later
     * @return bytes unmapped; 0 if something is misaligned
     */
    long unmap(DriverDomain part, long iova, long size, boolean lazily) {
        boolean wraps = size - 1 != 0 && Long.compareUnsigned(iova + size - 1, iova) < 0;
        if (wraps || ((iova | size) & PageSizes.smallest(part.pageSizes()) - 1) != 0) {
            return 0;
        }
        if (!lazily && !quarantine.isEmpty()) {
            flush(part);
        }
        long position = ledger.holding(iova);
        if (position == MappingLedger.NONE) {
            return 0;
        }
        long cleared = mapper.clear(part, ledger, position, iova, iova + size - 1);
        if (cleared != 0) {
            forget(part, mapper.clearedFrom(), cleared, lazily);
        }
        mapper.failure().ifPresent(failure -> {
            throw failure;
        });
        return cleared;
    }

    /**
     * Unmaps a range of the DMA layer, holes or not, and gives it back to its allocator once the hardware has forgotten it.
     *
     * @param mapped bytes from its start to the end of what is mapped in it
     * @param length of the range as it was allocated
     * @return bytes unmapped; 0 if the range does not begin and end as what is mapped there does
     */
    long release(DriverDomain part, long iova, long mapped, long length, boolean lazily) {
        long last = iova + mapped - 1;
        long position = ledger.holding(iova);
        if (position == MappingLedger.NONE || ledger.startAt(position) != iova || !endsAt(position, last)
                && !endsAt(ledger.holding(last), last)) {
            return 0;
        }
        if (!lazily && !quarantine.isEmpty()) {
            flush(part);
        }
        long at = iova;
        long cleared = 0;
        while (true) {
            long done = mapper.clear(part, ledger, position, at, last);
            at += done;
            cleared += done;
            if (done == 0 || mapper.failure().isPresent() || Long.compareUnsigned(at - 1, last) >= 0) {
                break;
            }
            position = ledger.overlapping(at, last); // beyond a hole
            if (position == MappingLedger.NONE) {
                break;
            }
            at = ledger.startAt(position);
        }
        boolean whole = at - 1 == last;
        if (cleared != 0) {
            forget(part, iova, whole ? length : at - iova, lazily, whole);
        }
        mapper.failure().ifPresent(failure -> {
            throw failure;
        });
        return cleared;
    }

    private boolean endsAt(long position, long last) {
        return position != MappingLedger.NONE && ledger.startAt(position) + ledger.sizeAt(position) - 1 == last;
    }

    /** Who takes ranges back that {@link #release} unmapped. */
    void whenForgotten(Quarantine.RangeSink taker) {
        owner = taker;
        quarantine.whenForgotten(taker);
    }

    private void forget(DriverDomain part, long first, long size, boolean lazily) {
        forget(part, first, size, lazily, false);
    }

    private void forget(DriverDomain part, long first, long size, boolean lazily, boolean owned) {
        if (lazily) {
            remove(first, first + size - 1);
            keepWaiting(first, size, owned);
            if (quarantine.isFull()) {
                flush(part);
            }
            return;
        }
        try {
            quarantine.flush(part);
            remove(first, first + size - 1);
        } catch (RuntimeException | LinkageError e) {
            remove(first, first + size - 1);
            keepWaiting(first, size, owned);
            throw DriverErrors.of(e, "Unmapping " + Hex.range(first, size) + " in domain " + domain);
        }
        if (owned) {
            owner.free(first, size);
        }
    }

    private void remove(long first, long last) {
        ledger.remove(first, last);
        dirty.unmapped(first, last);
    }

    private void keepWaiting(long first, long size, boolean owned) {
        if (owned) {
            quarantine.addOwned(first, size);
        } else {
            quarantine.add(first, size);
        }
    }

    /** Whether something was unmapped that the hardware may still know. */
    boolean pending() {
        return !quarantine.isEmpty();
    }

    /** Makes the hardware forget everything that was unmapped. @throws IommuException as the driver's invalidation does */
    void flush(DriverDomain part) {
        try {
            quarantine.flush(part);
        } catch (RuntimeException | LinkageError e) {
            throw DriverErrors.of(e, "Invalidating what was unmapped in domain " + domain);
        }
    }

    /** A driver that is gone can't be asked to forget; the next one begins with hardware that has forgotten all. */
    void partGone() {
        quarantine.clear();
    }
}
