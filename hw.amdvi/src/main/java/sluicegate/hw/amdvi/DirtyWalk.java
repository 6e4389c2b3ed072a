package sluicegate.hw.amdvi;

import sluicegate.api.driver.DriverDomain.DirtyPages;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.pgtable.PageTableFormat;
import sluicegate.spec.amdvi.HostPageEntry;

/**
 * Reads the dirty bits of host tables in a range ({@code read_and_clear_dirty} of {@code generic_pt}). A page that takes several
 * entries is dirty if one of them is: hardware marks the one that it walked.
 */
final class DirtyWalk {
    private static final long DIRTY = HostPageEntry.D.mask();

    private final PageTableFormat format;
    private final PhysicalMemory memory;
    private final boolean clear;
    private final DirtyPages pages;
    private boolean cleared;

    DirtyWalk(PageTableFormat format, PhysicalMemory memory, boolean clear, DirtyPages pages) {
        this.format = format;
        this.memory = memory;
        this.clear = clear;
        this.pages = pages;
    }

    /** Reports whole pages; returns whether any bit was cleared. */
    boolean walk(long top, long iova, long size) {
        long limit = 1L << format.inputBits();
        if (iova >>> format.inputBits() == 0 && size > 0) {
            table(top, format.levels(), 0, iova, Math.min(size, limit - iova) + iova - 1);
        }
        return cleared;
    }

    private void table(long table, int level, long base, long first, long last) {
        int shift = format.shift(level);
        long entries = format.entries(level);
        long index = first <= base ? 0 : first - base >>> shift;
        while (index < entries && base + (index << shift) <= last) {
            long slot = table + (index << 3);
            long entry = memory.get64Acquire(slot);
            if (entry == 0) {
                index++;
            } else if (format.isLeaf(level, entry)) {
                int run = 1 << format.leafShift(level, entry) - shift;
                long start = index & -(long) run;
                if (page(table + (start << 3), run)) {
                    pages.dirty(base + (start << shift), (long) run << shift);
                }
                index = start + run;
            } else {
                table(format.tableAddress(entry), level - 1, base + (index << shift), first, last);
                index++;
            }
        }
    }

    private boolean page(long slot, int entries) {
        boolean dirty = false;
        for (int i = 0; i < entries; i++) {
            long address = slot + 8L * i;
            long entry = memory.get64Acquire(address);
            while ((entry & DIRTY) != 0) {
                dirty = true;
                if (!clear || memory.compareAndSet64(address, entry, entry & ~DIRTY)) {
                    cleared |= clear;
                    break;
                }
                entry = memory.get64Acquire(address);
            }
        }
        return dirty;
    }
}
