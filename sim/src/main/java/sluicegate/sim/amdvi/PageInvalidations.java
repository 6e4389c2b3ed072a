package sluicegate.sim.amdvi;

import sluicegate.sim.cache.DomainTags;
import sluicegate.spec.amdvi.DeviceTableEntry;

/**
 * What invalidations of pages remove from the IOTLB and, with PDE, of what is kept of entries that point to tables (2.4.3,
 * 2.4.8). Nothing here creates an object.
 *
 * <p>A walk may find in one cache what it puts together for another. So what is found goes first, and what is made of it after that,
 * each with an epoch of its own: who found something in the first epoch keeps nothing in the second.
 */
final class PageInvalidations {
    private static final int ADDRESS_BITS = Iotlb.ADDRESS_BITS;
    private static final long ADDRESS = (1L << ADDRESS_BITS) - 1;

    private final Iotlb iotlb;
    private final DirectoryCache directories;
    private final DomainTags tags;

    PageInvalidations(TranslationCaches caches) {
        this.iotlb = caches.iotlb();
        this.directories = caches.directories();
        this.tags = caches.tags();
    }

    void all() {
        iotlb.begin();
        directories.invalidateAll();
        // Twice, because pages of host tables are found there for those that are kept for both tables together.
        iotlb.begin();
        iotlb.invalidateAll();
        iotlb.begin();
        iotlb.invalidateAll();
    }

    /**
     * Pages that host tables translate, and what depends on them: translations through guest tables and host tables together
     * know no guest address any more, so all of them go, and with them what is kept of those guest tables. With everything,
     * translations through guest tables alone go too.
     *
     * @param first the first address of an {@link AddressRange}
     * @param shift its size
     * @param entries whether entries that point to tables go too (PDE)
     */
    void ofDomain(int domain, long first, int shift, boolean entries) {
        iotlb.begin();
        var spaces = tags.ofDomain(domain);
        boolean all = AddressRange.isAll(shift);
        int accessed = tags.find(domain, DeviceEntry.HOST_MARKS | DeviceTableEntry.HAD_ACCESSED);
        int dirty = tags.find(domain, DeviceEntry.HOST_MARKS | DeviceTableEntry.HAD_ACCESSED_DIRTY);
        if (entries) {
            forgetTables(domain, first, shift);
            forgetTables(accessed, first, shift);
            forgetTables(dirty, first, shift);
        }
        if (spaces != null) {
            directories.invalidateTags(spaces, !all || !entries);
        }
        if (entries || spaces != null) {
            iotlb.begin();
        }
        forgetPages(domain, first, shift);
        forgetPages(accessed, first, shift);
        forgetPages(dirty, first, shift);
        if (spaces != null) {
            iotlb.begin();
            iotlb.invalidateTags(spaces, !all);
        }
    }

    /** Pages that the guest tables of a PASID translate. */
    void ofPasid(int domain, int pasid, long first, int shift, boolean entries) {
        iotlb.begin();
        int tag = tags.find(domain, pasid);
        if (tag != DomainTags.NONE) {
            boolean everything = shift >= ADDRESS_BITS;
            long from = everything ? 0 : first & ADDRESS;
            long to = everything ? ADDRESS : AddressRange.last(first, shift) & ADDRESS;
            if (entries) {
                directories.invalidatePages(tag, from, to);
                iotlb.begin();
            }
            iotlb.invalidatePages(tag, from, to);
        }
    }

    private void forgetTables(int tag, long first, int shift) {
        if (kept(tag, first)) {
            directories.invalidatePages(tag, first, last(first, shift));
        }
    }

    private void forgetPages(int tag, long first, int shift) {
        if (kept(tag, first)) {
            iotlb.invalidatePages(tag, first, last(first, shift));
        }
    }

    /** Addresses of host tables are kept up to a width only. */
    private static boolean kept(int tag, long first) {
        return tag != DomainTags.NONE && first >>> ADDRESS_BITS == 0;
    }

    private static long last(long first, int shift) {
        long last = AddressRange.last(first, shift);
        return Long.compareUnsigned(last, ADDRESS) < 0 ? last : ADDRESS;
    }
}
