package sluicegate.pgtable;

import static sluicegate.api.driver.DriverDomain.NOT_MAPPED;

import sluicegate.api.driver.IotlbGather;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/**
 * One page table in physical memory: map, unmap, look up.
 *
 * <p>Several threads may map, unmap and look up at the same time without a lock, as long as the ranges that they change
 * do not overlap. They meet only in tables that belong to several ranges: a table is installed by compare-and-set, and
 * whoever loses gives its page back; a table is taken out only by an unmap whose range holds all of it, so that nobody
 * else can be in there. (A look-up of a range that another thread unmaps at that moment has no right answer: it may even
 * end in EFAULT, when it meets a table that was given back.) Leaves are plain stores after one release fence for each run, so that whoever sees a leaf sees
 * the data that was written before the map.
 *
 * <p>Mapping and unmapping allocate no Java objects, except in the two rare cases of {@link Invalidation}.
 *
 * <p>Follows {@code drivers/iommu/generic_pt/iommu_pt.h}: what an unmap takes away, which tables it collects, that an
 * empty table gives way to a large page. Walks of hardware that is not coherent with the processor's caches are not
 * provided for: memory is coherent on all platforms there are.
 */
public final class PageTable {
    private static final long NO_MEMORY = -1L;
    private static final long OCCUPIED = -2L;

    private final PageTableFormat format;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final Invalidation invalidation;
    private final long top;
    // The format's geometry, here once more because a walk reads it at each step.
    private final int levels;
    private final int topShift;
    private final int indexBits;
    private final int inputBits;

    /**
     * An empty table.
     *
     * @param arena gives the pages
     * @param invalidation see there; called on the thread that maps
     * @throws IommuException ENOMEM
     */
    public PageTable(PageTableFormat format, PhysicalMemory memory, MemoryArena arena, Invalidation invalidation) {
        this(format, memory, arena, invalidation, arena.allocate(format.tableBytes(format.levels())));
    }

    /**
     * A table that is there already, such as one that an earlier driver left.
     *
     * @param top address of its top table, in the arena as all tables below it
     */
    public PageTable(PageTableFormat format, PhysicalMemory memory, MemoryArena arena, Invalidation invalidation, long top) {
        this.format = format;
        this.memory = memory;
        this.arena = arena;
        this.invalidation = invalidation;
        this.top = top;
        this.levels = format.levels();
        this.topShift = format.shift(levels);
        this.indexBits = format.granuleShift() - 3;
        this.inputBits = format.inputBits();
    }

    /** The physical address of the top table. It never changes. */
    public long top() {
        return top;
    }

    public PageTableFormat format() {
        return format;
    }

    /**
     * Maps {@code count} pages of {@code pageSize} bytes from {@code iova} on to {@code address} on. A table that is in
     * the place of a page and holds no mapping gives way.
     *
     * @param prot {@link Prot} bits, at least one of READ and WRITE
     * @return bytes mapped, less than asked for only where the arena had no memory for a table
     * @throws IommuException EINVAL for a size that the format does not have, a misaligned or too wide address, no permission;
     *     EEXIST if a page in the range is mapped already: nothing of this call stays mapped then
     */
    public long map(long iova, long address, long pageSize, long count, int prot) {
        checkMap(iova, address, pageSize, count, prot);
        int pageShift = Long.numberOfTrailingZeros(pageSize);
        int level = format.leafLevel(pageShift);
        int entryShift = format.shift(level);
        if (count == 1 && pageShift == entryShift && mapOne(iova, level, format.leaf(level, pageShift, address, prot))) {
            return pageSize;
        }
        long left = count << pageShift - entryShift;
        long at = iova;
        while (left > 0) {
            long table = tableFor(at, level);
            if (table < 0) {
                if (table == NO_MEMORY) {
                    return at - iova;
                }
                throw occupied(iova, at, pageSize);
            }
            long offset = format.slotOffset(level, at);
            int run = (int) Math.min(left, format.entries(level) - (offset >>> 3));
            if (anyPresent(table + offset, run) && !makeRoom(table + offset, run, level, at)) {
                throw occupied(iova, at, pageSize);
            }
            write(table + offset, run, level, pageShift, address + (at - iova), prot);
            at += (long) run << entryShift;
            left -= run;
        }
        return at - iova;
    }

    /**
     * Unmaps {@code size} bytes from {@code iova} on, and stops at the first page that is not mapped. A page that is only
     * partly in the range goes as a whole, counts as a whole and ends the call.
     *
     * @param gather takes what was mapped, and the tables that lay entirely in the range: they are no longer pointed to,
     *     but hardware may know them until it is invalidated; {@link #freeTables} gives them back after that
     * @return bytes unmapped, 0 if nothing is mapped at {@code iova}
     * @throws IommuException EINVAL if the range is not within the input width
     */
    public long unmap(long iova, long size, IotlbGather gather) {
        checkRange(iova, size);
        long end = iova + size;
        long at = iova;
        while (at < end) {
            // An acquiring load lets nothing be kept in registers but what is local.
            int bits = indexBits;
            long mask = (1L << bits) - 1;
            int entryShift = topShift;
            int level = levels;
            long slot = top + (at >>> entryShift << 3);
            long entry = memory.get64Acquire(slot);
            while (entry != 0 && !format.isLeaf(level, entry)) {
                level--;
                entryShift -= bits;
                slot = format.tableAddress(entry) + ((at >>> entryShift & mask) << 3);
                entry = memory.get64Acquire(slot);
            }
            if (entry == 0) {
                break;
            }
            int pageShift = format.leafShift(level, entry);
            long into = at & (1L << pageShift) - 1;
            if (into != 0) {
                // Only the first page can be met in its middle.
                clear(slot - (into >>> entryShift << 3), 1 << pageShift - entryShift);
                gather.add(at - into, 1L << pageShift, 1L << pageShift);
                return 1L << pageShift;
            }
            long pages = end - at < 2L << pageShift ? 1 : pagesFrom(slot, level, pageShift, end - at, at);
            clear(slot, (int) (pages << pageShift - entryShift));
            gather.add(at, pages << pageShift, 1L << pageShift);
            at += pages << pageShift;
            if (at <= end && level < levels && (at >>> entryShift & mask) == 0) {
                detachTables(level, iova, at, gather);
            }
        }
        return at - iova;
    }

    /**
     * Where an IOVA is mapped to.
     *
     * @return the physical address, or {@link sluicegate.api.driver.DriverDomain#NOT_MAPPED}
     */
    public long iovaToPhys(long iova) {
        if (iova >>> inputBits != 0) {
            return NOT_MAPPED;
        }
        int bits = indexBits;
        long mask = (1L << bits) - 1;
        int shift = topShift;
        int level = levels;
        long entry = memory.get64Acquire(top + (iova >>> shift << 3));
        while (entry != 0 && !format.isLeaf(level, entry)) {
            level--;
            shift -= bits;
            entry = memory.get64Acquire(format.tableAddress(entry) + ((iova >>> shift & mask) << 3));
        }
        if (entry == 0) {
            return NOT_MAPPED;
        }
        return format.leafAddress(level, entry) | iova & (1L << format.leafShift(level, entry)) - 1;
    }

    /** Shows every page in ascending order of IOVAs, one call for each page. */
    public void visit(Visitor visitor) {
        visit(visitor, top, format.levels(), 0, 0, (1L << inputBits) - 1);
    }

    /**
     * Shows the pages of a range, those too of which only part is in it.
     *
     * @throws IommuException EINVAL if the range is not within the input width
     */
    public void visit(long iova, long size, Visitor visitor) {
        checkRange(iova, size);
        if (size != 0) {
            visit(visitor, top, format.levels(), 0, iova, iova + size - 1);
        }
    }

    /** Gives gathered tables back to the arena. The hardware has forgotten them. */
    public void freeTables(IotlbGather gather) {
        for (int i = 0; i < gather.tableCount(); i++) {
            arena.free(gather.table(i), 1L << format.granuleShift());
        }
    }

    /** Gives all tables back, the top table last. Neither hardware nor any other thread uses them any more. */
    public void free() {
        free(top, format.levels());
    }

    /** Takes what {@link #visit} shows. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * @param level level of the entry
         * @param slot physical address of the entry, the first one if the page takes several
         * @param entry its raw value
         * @param iova first address of the page
         */
        void page(int level, long slot, long entry, long iova);
    }

    /** Shows what a table that begins at {@code base} maps of {@code [first, last]}. */
    private void visit(Visitor visitor, long table, int level, long base, long first, long last) {
        int shift = format.shift(level);
        long end = Math.min(format.entries(level) - 1, last - base >>> shift);
        long i = Math.max(first - base, 0) >>> shift;
        while (i <= end) {
            long slot = table + (i << 3);
            long entry = memory.get64Acquire(slot);
            long step = 1;
            if (entry != 0 && format.isLeaf(level, entry)) {
                step = 1L << format.leafShift(level, entry) - shift;
                // The range may begin within a page that takes several entries.
                i &= -step;
                visitor.page(level, table + (i << 3), entry, base + (i << shift));
            } else if (entry != 0) {
                visit(visitor, format.tableAddress(entry), level - 1, base + (i << shift), first, last);
            }
            i += step;
        }
    }

    private void free(long table, int level) {
        if (level > 1) {
            for (long i = 0; i < format.entries(level); i++) {
                long entry = memory.get64(table + (i << 3));
                if (entry != 0 && !format.isLeaf(level, entry)) {
                    free(format.tableAddress(entry), level - 1);
                }
            }
        }
        arena.free(table, format.tableBytes(level));
    }

    /** Maps the single page of most calls, without what runs of pages need; false, with nothing mapped, if anything is amiss. */
    private boolean mapOne(long iova, int level, long leaf) {
        long table = tableFor(iova, level);
        if (table < 0) {
            return false;
        }
        long slot = table + format.slotOffset(level, iova);
        if (memory.get64(slot) != 0) {
            return false;
        }
        memory.set64Release(slot, leaf);
        return true;
    }

    /** The table of the level that an IOVA belongs to, with the tables above it; NO_MEMORY or OCCUPIED without. */
    private long tableFor(long iova, int wanted) {
        int bits = indexBits;
        long mask = (1L << bits) - 1;
        int shift = topShift;
        long table = top;
        long index = iova >>> shift;
        for (int level = levels; level > wanted; level--) {
            long slot = table + (index << 3);
            long entry = memory.get64Acquire(slot);
            if (entry == 0) {
                entry = install(level, slot);
                if (entry == 0) {
                    return NO_MEMORY;
                }
            }
            if (format.isLeaf(level, entry)) {
                return OCCUPIED;
            }
            table = format.tableAddress(entry);
            shift -= bits;
            index = iova >>> shift & mask;
        }
        return table;
    }

    /** Puts a new table into an empty slot; returns the entry that is there then, 0 without memory. */
    private long install(int level, long slot) {
        long table;
        try {
            table = arena.allocate(format.tableBytes(level - 1));
        } catch (IommuException e) {
            if (e.errno() == Errno.ENOMEM) {
                return 0;
            }
            throw e;
        }
        long entry = format.tableEntry(level, table);
        if (memory.compareAndSet64(slot, 0, entry)) {
            return entry;
        }
        arena.free(table, format.tableBytes(level - 1));
        return memory.get64Acquire(slot);
    }

    private boolean anyPresent(long slot, int count) {
        long bits = 0;
        for (int i = 0; i < count; i++) {
            bits |= memory.get64(slot + ((long) i << 3));
        }
        return bits != 0;
    }

    private void write(long slot, int count, int level, int pageShift, long address, int prot) {
        int entryShift = format.shift(level);
        long first = format.leaf(level, pageShift, address, prot);
        if (count == 1) {
            memory.set64Release(slot, first);
        } else if (pageShift == entryShift) {
            memory.fill64(slot, first, 1L << entryShift, count);
        } else {
            int perPage = 1 << pageShift - entryShift;
            for (int i = 0; i < count; i += perPage) {
                long page = address + ((long) i << entryShift);
                memory.fill64(slot + ((long) i << 3), format.leaf(level, pageShift, page, prot), format.entryStep(level), perPage);
            }
        }
    }

    private void clear(long slot, int count) {
        if (count == 1) {
            memory.set64(slot, 0);
        } else {
            memory.fill64(slot, 0, 0, count);
        }
    }

    /** How many pages like the one at {@code slot} follow each other in its table, within {@code size} bytes, at least one. */
    private long pagesFrom(long slot, int level, int pageShift, long size, long iova) {
        int entryShift = format.shift(level);
        int slotShift = pageShift - entryShift + 3;
        long inTable = format.entries(level) - (format.slotOffset(level, iova) >>> 3) >>> pageShift - entryShift;
        long limit = Math.min(size >>> pageShift, inTable);
        long pages = 1;
        while (pages < limit) {
            long next = memory.get64(slot + (pages << slotShift));
            if (next == 0 || !format.isLeaf(level, next) || format.leafShift(level, next) != pageShift) {
                break;
            }
            pages++;
        }
        return pages;
    }

    /** Takes out the tables, from {@code level} upwards, that end at {@code end} and don't begin before {@code start}. */
    private void detachTables(int level, long start, long end, IotlbGather gather) {
        for (int above = level + 1; above <= format.levels(); above++) {
            long span = 1L << format.shift(above);
            if ((end & span - 1) != 0 || end - span < start) {
                return;
            }
            long slot = slotOf(end - span, above);
            long table = format.tableAddress(memory.get64Acquire(slot));
            memory.set64(slot, 0);
            gather.addTable(table);
        }
    }

    /** The slot of the level that belongs to an IOVA. All tables above it are there. */
    private long slotOf(long iova, int wanted) {
        long table = top;
        for (int level = format.levels(); level > wanted; level--) {
            table = format.tableAddress(memory.get64Acquire(table + format.slotOffset(level, iova)));
        }
        return table + format.slotOffset(wanted, iova);
    }

    /** Takes empty tables out of slots that are to hold pages; false, with nothing changed, if anything is mapped there. */
    private boolean makeRoom(long slot, int count, int level, long iova) {
        var gather = new IotlbGather();
        for (int i = 0; i < count; i++) {
            long entry = memory.get64Acquire(slot + ((long) i << 3));
            if (entry != 0 && (format.isLeaf(level, entry) || !gatherEmpty(format.tableAddress(entry), level - 1, gather))) {
                return false;
            }
        }
        clear(slot, count);
        gather.add(iova, (long) count << format.shift(level), 1L << format.shift(level));
        invalidation.complete(gather);
        return true;
    }

    private boolean gatherEmpty(long table, int level, IotlbGather gather) {
        for (long i = 0; i < format.entries(level); i++) {
            long entry = memory.get64Acquire(table + (i << 3));
            if (entry != 0 && (format.isLeaf(level, entry) || !gatherEmpty(format.tableAddress(entry), level - 1, gather))) {
                return false;
            }
        }
        gather.addTable(table);
        return true;
    }

    /** Undoes what a map did before it met another mapping. */
    private IommuException occupied(long iova, long at, long pageSize) {
        if (at != iova) {
            var gather = new IotlbGather();
            unmap(iova, at - iova, gather);
            invalidation.complete(gather);
        }
        return IommuException.of(Errno.EEXIST,
                "%s table at %s: page of %s at IOVA %s can't be mapped, there is a mapping at or within it; unmap that first",
                format.name(), Hex.of(top), Hex.of(pageSize), Hex.of(at));
    }

    private void checkMap(long iova, long address, long pageSize, long count, int prot) {
        if (Long.bitCount(pageSize) != 1 || (format.pageSizes() & pageSize) == 0) {
            throw invalid("has no pages of %s, only the sum of sizes %s", pageSize, format.pageSizes());
        }
        if (((iova | address) & pageSize - 1) != 0) {
            throw invalid("maps only multiples of the page size: IOVA %s, address %s", iova, address);
        }
        int pageShift = Long.numberOfTrailingZeros(pageSize);
        if (!fits(iova >>> pageShift, count, format.inputBits() - pageShift)) {
            throw invalid("can't map from IOVA %s on so many pages: %s", iova, count);
        }
        if (!fits(address >>> pageShift, count, format.outputBits() - pageShift)) {
            throw invalid("can't map to addresses from %s on so many pages: %s", address, count);
        }
        if ((prot & (Prot.READ | Prot.WRITE)) == 0) {
            throw invalid("needs a read or write permission, not %s, for IOVA %s", prot, iova);
        }
    }

    private void checkRange(long iova, long size) {
        if (!fits(iova, size, format.inputBits())) {
            throw invalid("has no range of IOVAs from %s on with a size of %s", iova, size);
        }
        if ((iova & (1L << format.granuleShift()) - 1) != 0) {
            throw invalid("can't unmap from %s on, which is no multiple of its smallest page size %s", iova,
                    1L << format.granuleShift());
        }
    }

    private static boolean fits(long start, long count, int bits) {
        return start >>> bits == 0 && count >= 0 && count <= (1L << bits) - start;
    }

    private IommuException invalid(String rule, long first, long second) {
        return IommuException.of(Errno.EINVAL, "%s table (%d bits) " + rule, format.name(), format.inputBits(),
                Hex.of(first), Hex.of(second));
    }
}
