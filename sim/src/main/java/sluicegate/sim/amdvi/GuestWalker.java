package sluicegate.sim.amdvi;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.Gcr3Entry;
import sluicegate.spec.amdvi.GuestPageEntry;

/**
 * The walk of a GCR3 table and of the guest page tables that it leads to, alone or over host tables (2.2.6). Allocates nothing.
 *
 * <p>Where there are host tables, the addresses in guest tables are guest addresses: each entry is found, and where its
 * accessed bit has to be set written, by way of the host tables, and so is the page in the end. The IOTLB keeps these
 * translations as it does those of requests with guest addresses. Where the lowest guest table is known, the walk begins there.
 */
final class GuestWalker {
    private static final int INDEX_MASK = 511;
    private static final long CACHED_ADDRESS = (1L << Iotlb.ADDRESS_BITS) - 1;
    private static final long P = GuestPageEntry.P.mask();
    private static final long A = GuestPageEntry.A.mask();
    private static final long D = GuestPageEntry.D.mask();
    private static final long NX = GuestPageEntry.NX.mask();
    private static final long RW = GuestPageEntry.RW.mask();
    private static final long US = GuestPageEntry.US.mask();
    private static final long UPPER_TABLE_RESERVED = GuestPageEntry.UPPER_TABLE.reservedMask(0);
    private static final long PAGE_2M_RESERVED = GuestPageEntry.PAGE_2M.reservedMask(0);
    private static final long PAGE_1G_RESERVED = GuestPageEntry.PAGE_1G.reservedMask(0);
    private static final long GCR3_RESERVED = Gcr3Entry.LAYOUT.reservedMask(0);

    private final PhysicalMemory memory;
    private final HostWalker host;
    private final Iotlb iotlb;
    private final DirectoryCache directories;
    private final boolean noExecute;
    private volatile boolean gcr3AtGuestAddress;

    GuestWalker(PhysicalMemory memory, HostWalker host, TranslationCaches caches, AmdviCapabilities capabilities) {
        this.memory = memory;
        this.host = host;
        this.iotlb = caches.iotlb();
        this.directories = caches.directories();
        this.noExecute = capabilities.has(ExtendedFeatureRegister.NXSUP);
    }

    /** @param guestAddress whether the root of GCR3 tables is a guest address (ControlRegister.GCR3TRPMODE) */
    void configure(boolean guestAddress) {
        gcr3AtGuestAddress = guestAddress;
    }

    /**
     * Walks from the GCR3 table down to the page that holds an address.
     *
     * @param tag of the PASID
     * @param address one that is canonical
     * @param access {@link RequestAccess} bits
     * @param update whether accessed and dirty bits are written, and translations of guest addresses kept
     * @param since when the walk began, see {@link sluicegate.sim.cache.CacheEpoch}
     * @return a {@link LeafWord}, which may be a fault
     */
    long walk(DeviceEntry entry, int tag, int pasid, long address, int access, boolean update, long since) {
        long kept = address & CACHED_ADDRESS;
        boolean keeps = DirectoryCache.keeps(tag, kept);
        long known = keeps ? directories.find(tag, kept) : DirectoryCache.NONE;
        if (known != DirectoryCache.NONE) {
            // The address of the lowest table, and what every entry above it permits.
            return walkTables(entry, GuestPageEntry.ADDR.inPlace(known), 1, known, DomainTags.NONE, address, access, update, since);
        }
        long top = guestTop(entry, pasid, update, since);
        return top < 0 ? top : walkTables(entry, top, entry.guestLevels, -1L, keeps && update ? tag : DomainTags.NONE, address,
                access, update, since);
    }

    /** The topmost guest table of a PASID, or a fault. */
    private long guestTop(DeviceEntry entry, int pasid, boolean update, long since) {
        if (pasid >>> 9 * entry.gcr3Levels != 0) {
            return LeafWord.fault(LeafWord.NOT_PRESENT);
        }
        long table = entry.gcr3Root;
        for (int level = entry.gcr3Levels - 1; level >= 0; level--) {
            long place = table + ((long) Gcr3Entry.index(pasid, level) << 3);
            if (entry.nested() && gcr3AtGuestAddress) {
                place = hostAddress(entry, place, RequestAccess.READ, update, since);
                if (place < 0) {
                    return place;
                }
            }
            if (!memory.contains(place, Gcr3Entry.BYTES)) {
                return LeafWord.unreadable(place);
            }
            long found = memory.get64Acquire(place);
            if (!Gcr3Entry.V.isSet(found)) {
                return LeafWord.fault(LeafWord.NOT_PRESENT);
            }
            if ((found & GCR3_RESERVED) != 0) {
                return LeafWord.fault(LeafWord.RESERVED);
            }
            table = Gcr3Entry.CR3.inPlace(found);
        }
        return table;
    }

    /** @param keepUnder the tag under which to keep where the lowest table is, {@link DomainTags#NONE} not to */
    private long walkTables(DeviceEntry entry, long top, int levels, long permitted, int keepUnder, long address, int access,
            boolean update, long since) {
        long table = top;
        int level = levels;
        // Permission bits, and NX turned round, so that all of them are granted if every entry has them.
        long granted = permitted;
        while (true) {
            long guest = table + ((address >>> 12 + 9 * (level - 1) & INDEX_MASK) << 3);
            long place = entry.nested() ? hostAddress(entry, guest, RequestAccess.READ, update, since) : guest;
            if (place < 0) {
                return place;
            }
            if (!memory.contains(place, GuestPageEntry.BYTES)) {
                return LeafWord.unreadable(place);
            }
            long found = memory.get64Acquire(place);
            if ((found & P) == 0) {
                return LeafWord.fault(LeafWord.NOT_PRESENT);
            }
            boolean leaf = GuestPageEntry.isLeaf(level, found);
            if ((found & reserved(level, leaf)) != 0) {
                return LeafWord.fault(LeafWord.RESERVED);
            }
            long here = granted & (found ^ NX);
            boolean dirties = leaf && (access & RequestAccess.WRITE) != 0 && (here & RW) != 0
                    && ((here & US) != 0 || (access & RequestAccess.PRIVILEGED) != 0);
            long wanted = update ? (dirties ? A | D : A) & ~found : 0;
            long result = leaf ? page(found | wanted, here, level) : 0;
            if (leaf && entry.nested()) {
                result = throughHost(entry, result, address, access, update, since);
                if (LeafWord.isFault(result)) {
                    return result;
                }
            }
            if (wanted != 0) {
                long writable = entry.nested() ? hostAddress(entry, guest, RequestAccess.WRITE, true, since) : place;
                if (writable < 0) {
                    return writable;
                }
                if (!memory.compareAndSet64(place, found, found | wanted)) {
                    // Software has changed the entry meanwhile, and what counts is what it holds now.
                    continue;
                }
            }
            if (leaf) {
                return result;
            }
            granted = here;
            table = GuestPageEntry.ADDR.inPlace(found);
            level--;
            if (level == 1 && keepUnder != DomainTags.NONE) {
                directories.fill(keepUnder, address & CACHED_ADDRESS,
                        table | granted & (RW | US | NX) | P | (entry.nested() ? LeafWord.NESTED : 0), since);
            }
        }
    }

    private long reserved(int level, boolean leaf) {
        long fixed = noExecute ? 0 : NX;
        if (level > 3) {
            return fixed | UPPER_TABLE_RESERVED;
        }
        return !leaf || level == 1 ? fixed : fixed | (level == 2 ? PAGE_2M_RESERVED : PAGE_1G_RESERVED);
    }

    private static long page(long found, long granted, int level) {
        long address = switch (level) {
            case 1 -> GuestPageEntry.ADDR.inPlace(found);
            case 2 -> GuestPageEntry.ADDR_2M.inPlace(found);
            default -> GuestPageEntry.ADDR_1G.inPlace(found);
        };
        long grants = LeafWord.MAY_READ
                | ((granted & RW) != 0 ? LeafWord.MAY_WRITE : 0)
                | ((granted & US) != 0 ? LeafWord.USER : 0)
                | ((granted & NX) != 0 ? LeafWord.EXECUTE : 0)
                | ((found & D) == 0 ? LeafWord.CLEAN : 0);
        return LeafWord.page(address, 12 + 9 * (level - 1), grants);
    }

    /** Where something at a guest address is: a physical address, or a fault. */
    private long hostAddress(DeviceEntry entry, long guest, int access, boolean update, long since) {
        long leaf = hostPage(entry, guest, access, update, since);
        if (LeafWord.isFault(leaf)) {
            return leaf;
        }
        long needed = access == RequestAccess.WRITE ? LeafWord.MAY_WRITE : LeafWord.MAY_READ;
        return (leaf & needed) != 0 ? LeafWord.translate(leaf, guest) : LeafWord.fault(LeafWord.FORBIDDEN);
    }

    /** The host page of a guest address: from the IOTLB, or by a walk and then kept. */
    private long hostPage(DeviceEntry entry, long guest, int access, boolean update, long since) {
        if (!entry.hostFits(guest)) {
            return LeafWord.fault(LeafWord.ILLEGAL_LEVEL);
        }
        boolean cacheable = guest >>> Iotlb.ADDRESS_BITS == 0;
        long cached = cacheable ? iotlb.find(entry.hostTag, guest) : LeafWord.NONE;
        if (cached > 0 && !(update && LeafWord.needsDirty(cached, access))) {
            return cached;
        }
        long walked = host.walk(entry, guest, access, update, since);
        if (LeafWord.isFault(walked)) {
            return LeafWord.code(walked) == LeafWord.NOT_PRESENT ? walked | LeafWord.NESTED : walked;
        }
        if (cacheable && update) {
            iotlb.fill(entry.hostTag, guest, walked, since);
        }
        return walked;
    }

    /** The page that both stages give: the smaller of the two, with what both permit. */
    private long throughHost(DeviceEntry entry, long first, long address, int access, boolean update, long since) {
        long guest = LeafWord.translate(first, address);
        long second = hostPage(entry, guest, access, update, since);
        if (LeafWord.isFault(second)) {
            return second;
        }
        int shift = Math.min(LeafWord.shift(first), LeafWord.shift(second));
        long grants = first & second & LeafWord.ALL | (first | second) & LeafWord.CLEAN | LeafWord.NESTED;
        return LeafWord.page(LeafWord.translate(second, guest) & -1L << shift, shift, grants);
    }
}
