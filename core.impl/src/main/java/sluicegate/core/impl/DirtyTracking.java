package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.Domain.DirtyRange;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.ledger.MappingLedger;
import sluicegate.core.impl.ledger.PageSizes;

/**
 * To which pages of a domain devices have written, if that is tracked ({@code iopt_set_dirty_tracking}, {@code
 * iopt_read_and_clear_dirty_data}). Hardware's notes are in the tables of the driver's part; what is here is what was written and not
 * reported, and what no table says any more, because the driver that had it has left, or because only a part of a page was asked for.
 *
 * <p>Used under the domain's mutex, but for {@link #isOn}. While it is off, all that a map or unmap meets here is one look at an empty
 * ledger.
 */
final class DirtyTracking {
    private final String domain;
    private final MappingLedger mapped;
    /** Ranges that don't overlap; what they lead to and what they allow means nothing. */
    private final MappingLedger remembered = new MappingLedger();
    private volatile boolean on;

    /** @param mapped what the domain maps, for reading */
    DirtyTracking(String domain, MappingLedger mapped) {
        this.domain = domain;
        this.mapped = mapped;
    }

    /** Needs no mutex. */
    boolean isOn() {
        return on;
    }

    /** @throws IommuException what the driver throws; it is on, or off, as before then */
    void set(DriverDomain part, boolean enabled) {
        try {
            if (enabled) {
                // Some hardware notes always, and some driver may have left its notes when it was switched off.
                collect(part, 0, -1L, true, new MappingLedger());
            }
            part.setDirtyTracking(enabled);
        } catch (RuntimeException | LinkageError e) {
            throw DriverErrors.of(e, "Switching dirty tracking of domain " + domain);
        }
        remembered.clear();
        on = enabled;
    }

    /** @throws IommuException as {@link sluicegate.api.Domain#readAndClearDirty}; what was found by then stays dirty */
    List<DirtyRange> read(DriverDomain part, long iova, long size, long pageSize, boolean clear) {
        checkRange(part, iova, size, pageSize);
        if (!on) {
            throw IommuException.of(Errno.EINVAL, "Domain %s does not track dirty pages now; switch that on first", domain);
        }
        long last = iova + size - 1;
        var written = clear ? remembered : copyOfRemembered(iova, last);
        try {
            collect(part, iova, last, clear, written);
        } catch (RuntimeException | LinkageError e) {
            throw DriverErrors.of(e, "Reading dirty pages of " + Hex.range(iova, size) + " in domain " + domain);
        }
        var report = report(written, iova, last, pageSize);
        if (clear) {
            written.remove(iova, last);
        }
        return report;
    }

    /** As {@code iommufd_check_iova_range}. */
    private void checkRange(DriverDomain part, long iova, long size, long pageSize) {
        if (size == 0 || Long.compareUnsigned(iova + size - 1, iova) < 0) {
            throw IommuException.of(Errno.EOVERFLOW, "%s bytes from %s on are no range: the size must not be 0, nor the end pass 2^64",
                    Hex.of(size), Hex.of(iova));
        }
        if (Long.bitCount(pageSize) != 1) {
            throw IommuException.of(Errno.EINVAL, "Dirty pages can't be reported in pages of %s bytes: that must be a power of two",
                    Hex.of(pageSize));
        }
        long granule = PageSizes.smallest(part.pageSizes());
        if (((iova | size) & (granule - 1 | pageSize - 1)) != 0) {
            throw IommuException.of(Errno.EINVAL, "IOVA %s and size %s must be multiples of %s, the smallest page of domain %s, and of %s, "
                    + "in which it is to be reported", Hex.of(iova), Hex.of(size), Hex.of(granule), domain, Hex.of(pageSize));
        }
    }

    private MappingLedger copyOfRemembered(long first, long last) {
        var copy = new MappingLedger();
        for (long p = remembered.overlapping(first, last); begins(remembered, p, last); p = remembered.next(p)) {
            copy.insert(remembered.startAt(p), 0, remembered.sizeAt(p), 0);
        }
        return copy;
    }

    /** What tables say of a range, as far as something is mapped in it. */
    private void collect(DriverDomain part, long first, long last, boolean clear, MappingLedger written) {
        if (mapped.isEmpty()) {
            return;
        }
        long lowest = mapped.startAt(mapped.first());
        long highest = mapped.startAt(mapped.last()) + mapped.sizeAt(mapped.last()) - 1;
        long from = Long.compareUnsigned(first, lowest) < 0 ? lowest : first;
        long to = Long.compareUnsigned(last, highest) > 0 ? highest : last;
        if (Long.compareUnsigned(from, to) <= 0) {
            part.readAndClearDirty(from, to - from + 1, clear, (iova, size) -> add(written, iova, size));
        }
    }

    private static void add(MappingLedger ranges, long iova, long size) {
        ranges.remove(iova, iova + size - 1);
        ranges.insert(iova, 0, size, 0);
    }

    private static boolean begins(MappingLedger ranges, long position, long last) {
        return position != MappingLedger.NONE && Long.compareUnsigned(ranges.startAt(position), last) <= 0;
    }

    /** What lies in a range, in pages of a size, with no gap between two that touch. */
    private static List<DirtyRange> report(MappingLedger written, long first, long last, long pageSize) {
        var report = new ArrayList<DirtyRange>();
        boolean any = false;
        long start = 0;
        long end = 0;
        for (long p = written.overlapping(first, last); begins(written, p, last); p = written.next(p)) {
            long from = written.startAt(p);
            long to = from + written.sizeAt(p) - 1;
            from = (Long.compareUnsigned(from, first) < 0 ? first : from) & -pageSize;
            to = (Long.compareUnsigned(to, last) > 0 ? last : to) | pageSize - 1;
            if (any && Long.compareUnsigned(from, end + 1) <= 0) {
                end = to;
                continue;
            }
            if (any) {
                report.add(new DirtyRange(start, end - start + 1));
            }
            any = true;
            start = from;
            end = to;
        }
        if (any) {
            report.add(new DirtyRange(start, end - start + 1));
        }
        return List.copyOf(report);
    }

    /** Nothing is mapped there any more. */
    void unmapped(long first, long last) {
        if (!remembered.isEmpty()) {
            remembered.remove(first, last);
        }
    }

    // ---- drivers come and go

    /** A part that is new and maps nothing is to track as the one before it did. @throws RuntimeException what the driver throws */
    void resume(DriverDomain fresh) {
        if (on) {
            fresh.setDirtyTracking(true);
        }
    }

    /** Takes over what is noted in a part that is about to be given back, by which no device writes any more. */
    void harvest(DriverDomain leaving, CoreUnit unit) {
        if (!on) {
            return;
        }
        try {
            collect(leaving, 0, -1L, false, remembered);
        } catch (RuntimeException | LinkageError e) {
            unit.log("reading which pages of domain " + domain + " are dirty, so that all that can be written count as dirty,", e);
            assumeWritten();
        }
    }

    /** Nobody knows what will be written: all that may be counts as dirty. */
    void assumeWritten() {
        if (!on) {
            return;
        }
        for (long p = mapped.first(); p != MappingLedger.NONE; p = mapped.next(p)) {
            if ((mapped.protAt(p) & Prot.WRITE) != 0) {
                add(remembered, mapped.startAt(p), mapped.sizeAt(p));
            }
        }
    }
}
