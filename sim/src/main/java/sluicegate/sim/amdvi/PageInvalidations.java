package sluicegate.sim.amdvi;

import sluicegate.sim.cache.DomainTags;
import sluicegate.spec.amdvi.DeviceTableEntry;

/**
 * What invalidations of pages remove from the IOTLB and, with PDE, of what is kept of entries that point to tables (2.4.3,
 * 2.4.8). Nothing here creates an object.
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
        iotlb.invalidateAll();
        directories.invalidateAll();
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
        remove(domain, first, shift, entries);
        if (spaces != null) {
            if (!all) {
                remove(tags.find(domain, DeviceEntry.HOST_MARKS | DeviceTableEntry.HAD_ACCESSED), first, shift, entries);
                remove(tags.find(domain, DeviceEntry.HOST_MARKS | DeviceTableEntry.HAD_ACCESSED_DIRTY), first, shift, entries);
            }
            directories.invalidateTags(spaces, !all || !entries);
            iotlb.invalidateTags(spaces, !all);
        }
    }

    /** Pages that the guest tables of a PASID translate. */
    void ofPasid(int domain, int pasid, long first, int shift, boolean entries) {
        iotlb.begin();
        int tag = tags.find(domain, pasid);
        if (tag != DomainTags.NONE && shift >= ADDRESS_BITS) {
            forget(tag, 0, ADDRESS, entries);
        } else if (tag != DomainTags.NONE) {
            forget(tag, first & ADDRESS, AddressRange.last(first, shift) & ADDRESS, entries);
        }
    }

    /** Addresses of host tables are kept up to a width only. */
    private void remove(int tag, long first, int shift, boolean entries) {
        if (tag != DomainTags.NONE && first >>> ADDRESS_BITS == 0) {
            long last = AddressRange.last(first, shift);
            forget(tag, first, Long.compareUnsigned(last, ADDRESS) < 0 ? last : ADDRESS, entries);
        }
    }

    private void forget(int tag, long first, long last, boolean entries) {
        iotlb.invalidatePages(tag, first, last);
        if (entries) {
            directories.invalidatePages(tag, first, last);
        }
    }
}
