package sluicegate.pgtable;

import java.util.function.IntFunction;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;

/**
 * A page table that starts with few levels and gets another on top when an IOVA needs it, as AMD's host tables do
 * ({@code PT_FEAT_DYNAMIC_TOP} of {@code drivers/iommu/generic_pt}). It never shrinks.
 *
 * <p>The old top table becomes the first table of the new one, so what is mapped stays mapped all the time, whichever of the
 * two hardware walks. Threads that change other ranges need not wait.
 */
public final class GrowingPageTable {
    private final IntFunction<? extends PageTableFormat> formats;
    private final int maxLevels;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final Invalidation invalidation;
    private final Growth growth;
    private volatile PageTable current;
    /** Higher than the current one, made but not yet told to all hardware; null most of the time. Guarded by this. */
    private PageTable next;

    /** Makes hardware walk a table from its new top on. */
    @FunctionalInterface
    public interface Growth {
        /**
         * Writes the new top and depth to wherever hardware reads them, and returns when hardware no longer uses what
         * it knew before. The old top stays valid. If this throws, the map that needed the level fails and the next
         * one that needs it asks again, with the same table.
         */
        void changed(PageTable grown);
    }

    /**
     * An empty table.
     *
     * @param formats the format for a number of levels; all differ in their levels only
     * @param levels how many to start with
     * @param maxLevels how many there can be
     * @param invalidation see there
     * @throws sluicegate.api.types.IommuException ENOMEM
     */
    public GrowingPageTable(IntFunction<? extends PageTableFormat> formats, int levels, int maxLevels, PhysicalMemory memory,
            MemoryArena arena, Invalidation invalidation, Growth growth) {
        this(formats, maxLevels, memory, arena, invalidation, growth,
                new PageTable(formats.apply(levels), memory, arena, invalidation));
    }

    /**
     * A table that is there already.
     *
     * @param levels how many it has
     * @param top address of its top table
     */
    public GrowingPageTable(IntFunction<? extends PageTableFormat> formats, int levels, int maxLevels, PhysicalMemory memory,
            MemoryArena arena, Invalidation invalidation, Growth growth, long top) {
        this(formats, maxLevels, memory, arena, invalidation, growth,
                new PageTable(formats.apply(levels), memory, arena, invalidation, top));
    }

    private GrowingPageTable(IntFunction<? extends PageTableFormat> formats, int maxLevels, PhysicalMemory memory,
            MemoryArena arena, Invalidation invalidation, Growth growth, PageTable current) {
        this.formats = formats;
        this.maxLevels = maxLevels;
        this.memory = memory;
        this.arena = arena;
        this.invalidation = invalidation;
        this.growth = growth;
        this.current = current;
    }

    /** The table as it is now: its top and its depth belong together. */
    public PageTable current() {
        return current;
    }

    /** As {@link PageTable#map}; grows first if the range needs it. */
    public long map(long iova, long address, long pageSize, long count, int prot) {
        PageTable table = current;
        long last = iova + pageSize * count - 1;
        if (!holds(table.format(), iova, last, pageSize)) {
            table = grownFor(iova, last, pageSize);
        }
        return table.map(iova, address, pageSize, count, prot);
    }

    /** As {@link PageTable#unmap}; nothing is mapped beyond the present width. */
    public long unmap(long iova, long size, IotlbGather gather) {
        PageTable table = current;
        int bits = table.format().inputBits();
        if (table.format().levels() < maxLevels && size > 0) {
            if (iova >>> bits != 0) {
                return 0;
            }
            return table.unmap(iova, Math.min(size, (1L << bits) - iova), gather);
        }
        return table.unmap(iova, size, gather);
    }

    /** As {@link PageTable#iovaToPhys}. */
    public long iovaToPhys(long iova) {
        return current.iovaToPhys(iova);
    }

    /** Shows every page, see {@link PageTable#visit}. */
    public void visit(PageTable.Visitor visitor) {
        current.visit(visitor);
    }

    /** As {@link PageTable#freeTables}. */
    public void freeTables(IotlbGather gather) {
        current.freeTables(gather);
    }

    /** Gives all tables back. Neither hardware nor any other thread uses them any more. */
    public synchronized void free() {
        (next != null ? next : current).free();
    }

    /** Levels are added one by one. What the highest table couldn't map either adds none, and the map fails by its own check. */
    private synchronized PageTable grownFor(long first, long last, long pageSize) {
        if (holds(formats.apply(maxLevels), first, last, pageSize)) {
            while (!holds(current.format(), first, last, pageSize)) {
                if (next == null) {
                    next = onTopOf(current);
                }
                growth.changed(next);
                current = next;
                next = null;
            }
        }
        return current;
    }

    private static boolean holds(PageTableFormat format, long first, long last, long pageSize) {
        return (first | last) >>> format.inputBits() == 0 && Long.bitCount(pageSize) == 1 && (format.pageSizes() & pageSize) != 0;
    }

    private PageTable onTopOf(PageTable below) {
        PageTableFormat format = formats.apply(below.format().levels() + 1);
        var table = new PageTable(format, memory, arena, invalidation);
        memory.set64Release(table.top(), format.tableEntry(format.levels(), below.top()));
        return table;
    }
}
