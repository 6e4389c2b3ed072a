package sluicegate.core.impl.dma;

import java.util.Optional;
import sluicegate.api.dma.DmaDirection;
import sluicegate.api.dma.ScatterList;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.iova.LowFirst;

/**
 * Lays the pieces of a scatter list out in one range of IOVAs, and merges what the device is told ({@code iommu_dma_map_sg}, {@code
 * __finalise_sg}).
 *
 * <p>Because the range is aligned to its size, rounded up to a power of two, positions in it say where boundaries are: a range that is
 * not longer than the distance of boundaries crosses none, a longer one begins at one. Where a piece has to move to a boundary, what is
 * left before it stays unmapped.
 */
final class ScatterLayout {
    private ScatterLayout() {}

    static void requireMappable(String device, ScatterList list) {
        if (list.mapped() != 0) {
            throw IommuException.of(Errno.EBUSY, "Device %s: a scatter list is mapped at %s; unmap it first", device, Hex.of(list.iova(0)));
        }
        if (list.size() == 0) {
            throw IommuException.of(Errno.EINVAL, "Device %s can't map a scatter list without pieces", device);
        }
    }

    // ---- each piece for itself

    static void mapPieces(DeviceDma dma, Optional<DmaSpace> space, ScatterList list, DmaDirection direction, int attributes) {
        int done = 0;
        try {
            for (; done < list.size(); done++) {
                list.place(done, dma.map(space, list.address(done), list.length(done), direction, attributes), list.length(done));
            }
        } catch (IommuException e) {
            list.placed(done);
            try {
                unmapPieces(dma, space, list, direction, attributes);
            } catch (IommuException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
        list.placed(done);
    }

    static void unmapPieces(DeviceDma dma, Optional<DmaSpace> space, ScatterList list, DmaDirection direction, int attributes) {
        int count = list.mapped();
        list.placed(0);
        for (int i = 0; i < count; i++) {
            dma.unmap(space, list.iova(i), list.mappedLength(i), direction, attributes);
        }
    }

    // ---- all in one range

    static void mapTogether(DmaSpace space, LowFirst lowFirst, ScatterList list, int prot, long limit, long boundary, long maxSegment) {
        long length = layOut(list, space.granule(), boundary);
        long range = space.allocate(lowFirst, length, limit);
        mapRuns(space, list, range, length, prot);
        merge(list, range, space.granule(), boundary, maxSegment);
    }

    static void unmapTogether(DmaSpace space, ScatterList list) {
        int last = list.mapped() - 1;
        long start = list.iova(0) & -space.granule();
        long end = list.iova(last) + list.mappedLength(last);
        space.unmap(start, end - start);
        list.placed(0);
    }

    /** Notes at each piece where in the range its first page is to be, and how many bytes its pages are; returns the sum. */
    private static long layOut(ScatterList list, long granule, long boundary) {
        long at = 0;
        for (int i = 0; i < list.size(); i++) {
            long length = (list.address(i) & granule - 1) + list.length(i) + granule - 1 & -granule;
            long room = -at & boundary;
            if (room != 0 && Long.compareUnsigned(room, length) < 0) {
                at += room;
            }
            list.place(i, at, length);
            at += length;
            if (length <= 0 || at <= 0 || length - 1 > boundary && boundary >= 0) {
                throw IommuException.of(Errno.EINVAL, "A piece of %s bytes at %s is too long: no range may cross a multiple of %s",
                        Hex.of(list.length(i)), Hex.of(list.address(i)), Hex.of(boundary + 1));
            }
        }
        return at;
    }

    /** Maps pieces that follow each other in memory as well as in the range in one call. */
    private static void mapRuns(DmaSpace space, ScatterList list, long range, long length, int prot) {
        long pageMask = -space.granule();
        long mapped = 0;
        for (int i = 0; i < list.size();) {
            long at = list.iova(i);
            long address = list.address(i) & pageMask;
            long run = list.mappedLength(i);
            for (i++; i < list.size() && list.iova(i) == at + run && (list.address(i) & pageMask) == address + run; i++) {
                run += list.mappedLength(i);
            }
            try {
                space.mapAt(range + at, address, run, prot);
            } catch (IommuException e) {
                throw space.giveBack(range, mapped, length, e);
            }
            mapped = at + run;
        }
    }

    /** A piece joins the one before if that ends and it begins at a page, and neither boundary nor length stands against it. */
    private static void merge(ScatterList list, long range, long granule, long boundary, long maxSegment) {
        int count = 0;
        long open = 0;
        for (int i = 0; i < list.size(); i++) {
            long offset = list.address(i) & granule - 1;
            long at = range + list.iova(i);
            long pages = list.mappedLength(i);
            long length = list.length(i);
            if (open != 0 && offset == 0 && (at & boundary) != 0 && maxSegment - open >= length) {
                open += length;
                list.place(count - 1, list.iova(count - 1), open);
            } else {
                list.place(count++, at + offset, length);
                open = length;
            }
            if (offset + length < pages) {
                open = 0;
            }
        }
        list.placed(count);
    }
}
