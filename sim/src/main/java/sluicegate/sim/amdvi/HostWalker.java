package sluicegate.sim.amdvi;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.HostPageEntry;

/**
 * The walk of host page tables (2.2.3): levels that are skipped, permissions that are intersected, pages of all sizes, and the
 * accessed and dirty bits that the device table entry wants written. Where the lowest table is known, the walk begins there.
 * Allocates nothing.
 */
final class HostWalker {
    private static final int INDEX_MASK = 511;
    private static final long RESERVED_IN_TABLE = HostPageEntry.TABLE.reservedMask(0);
    private static final long RESERVED_IN_PAGE = HostPageEntry.PAGE.reservedMask(0);
    private static final long PR = HostPageEntry.PR.mask();
    private static final long IR = HostPageEntry.IR.mask();
    private static final long IW = HostPageEntry.IW.mask();
    private static final long A = HostPageEntry.A.mask();
    private static final long D = HostPageEntry.D.mask();

    private final PhysicalMemory memory;
    private final DirectoryCache directories;

    HostWalker(PhysicalMemory memory, DirectoryCache directories) {
        this.memory = memory;
        this.directories = directories;
    }

    /**
     * Walks from the topmost table down to the page that holds an address.
     *
     * @param entry says where the tables are; they have at least one level
     * @param address one that fits the depth of the tables
     * @param access {@link RequestAccess} bits: a write that is permitted sets the dirty bit
     * @param update whether accessed and dirty bits are written, and where tables are kept
     * @param since when the walk began, see {@link sluicegate.sim.cache.CacheEpoch}
     * @return a {@link LeafWord}, which may be a fault
     */
    long walk(DeviceEntry entry, long address, int access, boolean update, long since) {
        boolean keeps = DirectoryCache.keeps(entry.hostTag, address);
        long known = keeps ? directories.find(entry.hostTag, address) : DirectoryCache.NONE;
        // The address of the lowest table, and permissions that every entry above it has.
        return known != DirectoryCache.NONE
                ? walk(entry, HostPageEntry.ADDR.inPlace(known), 1, known, address, access, update, false, since)
                : walk(entry, entry.root, entry.hostLevels, -1L, address, access, update, keeps && update, since);
    }

    private long walk(DeviceEntry entry, long top, int levels, long permitted, long address, int access, boolean update,
            boolean keep, long since) {
        boolean marks = update && entry.hostMarks != DeviceTableEntry.HAD_NONE;
        long table = top;
        int level = levels;
        // Permissions that every entry on the way has.
        long granted = permitted;
        while (true) {
            int shift = HostPageEntry.coverShift(level);
            long place = table + ((address >>> shift & INDEX_MASK) << 3);
            if (!memory.contains(place, HostPageEntry.BYTES)) {
                return LeafWord.unreadable(place);
            }
            long found = memory.get64Acquire(place);
            if ((found & PR) == 0) {
                return LeafWord.fault(LeafWord.NOT_PRESENT);
            }
            int next = (int) HostPageEntry.NEXT.get(found);
            boolean leaf = next == HostPageEntry.NEXT_PAGE || next == HostPageEntry.NEXT_SIZED_PAGE;
            if ((found & (leaf ? RESERVED_IN_PAGE : RESERVED_IN_TABLE)) != 0) {
                return LeafWord.fault(LeafWord.RESERVED);
            }
            if (!leaf && (next >= level || (address & skipped(next, shift)) != 0)) {
                return LeafWord.fault(LeafWord.ILLEGAL_LEVEL);
            }
            int pageShift = leaf ? HostPageEntry.pageShift(level, found) : 0;
            if (leaf && !HostPageEntry.canBeIn(level, found, pageShift)) {
                return LeafWord.fault(LeafWord.ILLEGAL_LEVEL);
            }
            long here = granted & found;
            long wanted = marks ? marks(entry, leaf, here, access) & ~found : 0;
            if (wanted != 0 && !memory.compareAndSet64(place, found, found | wanted)) {
                // Software has changed the entry meanwhile, and what counts is what it holds now.
                continue;
            }
            if (leaf) {
                return page(entry, found | wanted, here, pageShift);
            }
            granted = here;
            table = HostPageEntry.ADDR.inPlace(found);
            level = next;
            if (keep && level == 1) {
                directories.fill(entry.hostTag, address, table | granted & (IR | IW) | PR, since);
            }
        }
    }

    /** The bits of an address that a table of a lower level than the next one leaves without an index. */
    private static long skipped(int next, int shift) {
        return (1L << shift) - (1L << 12 + 9 * next);
    }

    private static long marks(DeviceEntry entry, boolean leaf, long granted, int access) {
        boolean dirties = leaf && entry.hostMarks == DeviceTableEntry.HAD_ACCESSED_DIRTY
                && (access & RequestAccess.WRITE) != 0 && (granted & IW) != 0;
        return dirties ? A | D : A;
    }

    private static long page(DeviceEntry entry, long found, long granted, int shift) {
        boolean clean = entry.hostMarks == DeviceTableEntry.HAD_ACCESSED_DIRTY && (found & D) == 0;
        long grants = LeafWord.USER | LeafWord.EXECUTE
                | ((granted & IR) != 0 ? LeafWord.MAY_READ : 0)
                | ((granted & IW) != 0 ? LeafWord.MAY_WRITE : 0)
                | (clean ? LeafWord.CLEAN : 0);
        return LeafWord.page(HostPageEntry.pageAddress(found, shift), shift, grants);
    }
}
