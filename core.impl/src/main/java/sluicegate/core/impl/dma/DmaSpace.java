package sluicegate.core.impl.dma;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.iova.IovaAllocator;
import sluicegate.core.impl.iova.LowFirst;

/** What a default domain has for the DMA layer ({@code struct iommu_dma_cookie}): its addresses and its doorbells. Thread-safe. */
public final class DmaSpace {
    private final DmaMappings domain;
    private final IovaAllocator iovas;
    private final List<ReservedRegion> hardwareDoorbells;
    /** What is to be done once the hardware has forgotten a range, by its first IOVA. */
    private final Map<Long, Runnable> afterwards = new ConcurrentHashMap<>();
    /** Pages of doorbells, mapped for good: physical address, IOVA. */
    private long[] doorbells = {};

    /** @param reserved regions that are carved out of the space; in MSI regions doorbells need no mapping */
    public DmaSpace(DmaMappings domain, IovaAllocator iovas, List<ReservedRegion> reserved) {
        this.domain = domain;
        this.iovas = iovas;
        this.hardwareDoorbells = reserved.stream().filter(region -> region.type() == ReservedRegion.Type.MSI).toList();
        reserve(reserved);
    }

    /** Carves more regions out, as far as they are free. */
    public void reserve(List<ReservedRegion> regions) {
        regions.forEach(region -> iovas.reserve(region.start(), region.end()));
    }

    IovaAllocator iovas() {
        return iovas;
    }

    /** Bytes of a page. */
    long granule() {
        return iovas.granule();
    }

    /**
     * Maps a buffer with all of the pages that it touches.
     *
     * @return the IOVA of its first byte
     */
    long map(LowFirst first, long address, long size, int prot, long limit) {
        long offset = address & granule() - 1;
        long length = align(offset + size);
        long iova = allocate(first, length, limit);
        try {
            domain.map(iova, address - offset, length, prot);
        } catch (IommuException e) {
            throw giveBack(iova, 0, length, e);
        }
        return iova + offset;
    }

    /** Maps a part of an allocated range. */
    void mapAt(long iova, long address, long length, int prot) {
        domain.map(iova, address, length, prot);
    }

    /**
     * Gives an allocated range back of which only a part could be mapped. Where something else is in the way, mapped by somebody
     * who does not ask for IOVAs, the range stays taken, so that the next attempt does not meet it again.
     *
     * @param mapped bytes from its start to the end of what was mapped
     * @return why, for throwing
     */
    IommuException giveBack(long range, long mapped, long length, IommuException why) {
        try {
            if (mapped != 0) {
                domain.release(range, mapped, length);
            } else if (why.errno() != Errno.EEXIST && why.errno() != Errno.EADDRINUSE) {
                iovas.free(range, length);
            }
        } catch (RuntimeException also) {
            why.addSuppressed(also);
        }
        return why;
    }

    /** @throws IommuException ENOSPC; EFAULT if the domain's pages are others than when the space was made */
    long allocate(LowFirst first, long length, long limit) {
        if (domain.granule() != granule()) {
            throw IommuException.of(Errno.EFAULT, "Domain %s has pages of %s by now, its IOVAs were laid out for %s; give the group "
                    + "another default domain", domain.name(), Hex.of(domain.granule()), Hex.of(granule()));
        }
        return first.allocate(iovas, length, limit);
    }

    /**
     * As {@link #unmap(long, long)}, for memory that nobody may have before the hardware has forgotten where it was.
     *
     * @param whenForgotten done then, at once or later; also if that fails at first
     */
    void unmap(long iova, long size, Runnable whenForgotten) {
        long page = iova & -granule();
        if (afterwards.putIfAbsent(page, whenForgotten) != null) {
            throw nothing(iova, size);
        }
        try {
            unmap(iova, size);
        } catch (IommuException e) {
            if (e.errno() == Errno.EINVAL) {
                afterwards.remove(page, whenForgotten);
            }
            throw e;
        }
    }

    /** The hardware has forgotten a range: it can be given out again. */
    public void forgotten(long iova, long length) {
        iovas.free(iova, length);
        if (!afterwards.isEmpty()) {
            var then = afterwards.remove(iova);
            if (then != null) {
                then.run();
            }
        }
    }

    /** Unmaps what {@link #map} mapped. @throws IommuException EINVAL if nothing is mapped there */
    void unmap(long iova, long size) {
        long offset = iova & granule() - 1;
        long length = align(offset + size);
        if (size == 0 || Long.compareUnsigned(iova + size - 1, iova) < 0 || domain.release(iova - offset, length, length) == 0) {
            throw nothing(iova, size);
        }
    }

    private IommuException nothing(long iova, long size) {
        return IommuException.of(Errno.EINVAL, "Nothing is mapped at %s in domain %s: it was unmapped before, or was never mapped",
                Hex.range(iova, size), domain.name());
    }

    /** @throws IommuException EINVAL if nothing is mapped there */
    long addressOf(long iova) {
        long address = domain.addressOf(iova);
        if (address == DriverDomain.NOT_MAPPED) {
            throw IommuException.of(Errno.EINVAL, "Nothing is mapped at %s in domain %s: it was unmapped before, or was never mapped",
                    Hex.of(iova), domain.name());
        }
        return address;
    }

    private long align(long length) {
        return length + granule() - 1 & -granule();
    }

    /** {@code iommu_dma_get_msi_page}. */
    synchronized long doorbell(LowFirst first, long address, long limit) {
        for (var region : hardwareDoorbells) {
            if (region.overlaps(address, 1)) {
                return address;
            }
        }
        long page = address & -granule();
        for (int i = 0; i < doorbells.length; i += 2) {
            if (doorbells[i] == page) {
                return doorbells[i + 1] + (address - page);
            }
        }
        long iova = map(first, page, granule(), Prot.WRITE | Prot.NOEXEC | Prot.MMIO, limit);
        var more = java.util.Arrays.copyOf(doorbells, doorbells.length + 2);
        more[doorbells.length] = page;
        more[doorbells.length + 1] = iova;
        doorbells = more;
        return iova + (address - page);
    }
}
