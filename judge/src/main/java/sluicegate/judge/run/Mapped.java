package sluicegate.judge.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a domain maps, page by page: a plain ordered map, written down without a look at how the core or the driver keep theirs.
 */
public final class Mapped {
    private final TreeMap<Long, Leaf> leaves = new TreeMap<>(Long::compareUnsigned);
    private final long pageSizes;

    Mapped(long pageSizes) {
        this.pageSizes = pageSizes;
    }

    /** A page of some size. @param prot permissions */
    public record Leaf(long iova, long address, long size, int prot) {
        /** The last address. */
        public long last() {
            return iova + size - 1;
        }

        long translate(long at) {
            return address + (at - iova);
        }
    }

    /** All pages in order. */
    public List<Leaf> all() {
        return List.copyOf(leaves.values());
    }

    /** The page that holds an IOVA. */
    public Optional<Leaf> at(long iova) {
        return Optional.ofNullable(leaves.floorEntry(iova)).map(Map.Entry::getValue)
                .filter(leaf -> Long.compareUnsigned(iova, leaf.last()) <= 0);
    }

    /** Whether a page shares an address with the range. */
    boolean overlaps(long first, long last) {
        var before = leaves.floorEntry(last);
        return before != null && Long.compareUnsigned(before.getValue().last(), first) >= 0;
    }

    /** Adds a range with the largest pages that fit, as the kernel's {@code iommu_pgsize} chooses them. */
    void add(long iova, long address, long size, int prot) {
        long done = 0;
        while (done != size) {
            long page = 0;
            for (long sizes = pageSizes; sizes != 0; sizes &= sizes - 1) {
                long candidate = Long.lowestOneBit(sizes);
                if (((iova + done | address + done) & candidate - 1) == 0
                        && Long.compareUnsigned(candidate, size - done) <= 0) {
                    page = candidate;
                }
            }
            leaves.put(iova + done, new Leaf(iova + done, address + done, page, prot));
            done += page;
        }
    }

    /**
     * Removes the pages that hold the range, up to the first hole; pages go as a whole.
     *
     * @return the pages that went, in order
     */
    List<Leaf> remove(long first, long last) {
        var gone = new ArrayList<Leaf>();
        long at = first;
        while (true) {
            var leaf = at(at);
            if (leaf.isEmpty()) {
                return gone;
            }
            leaves.remove(leaf.get().iova());
            gone.add(leaf.get());
            if (Long.compareUnsigned(leaf.get().last(), last) >= 0) {
                return gone;
            }
            at = leaf.get().last() + 1;
        }
    }
}
