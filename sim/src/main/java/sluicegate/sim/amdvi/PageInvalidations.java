package sluicegate.sim.amdvi;

import sluicegate.sim.cache.DomainTags;
import sluicegate.spec.amdvi.DeviceTableEntry;

/** What invalidations of pages remove from the IOTLB (2.4.3, 2.4.8). Entries that point to tables are not kept at all. */
final class PageInvalidations {
    private static final int ADDRESS_BITS = Iotlb.ADDRESS_BITS;
    private static final long ADDRESS = (1L << ADDRESS_BITS) - 1;

    private final Iotlb iotlb;
    private final DomainTags tags;

    PageInvalidations(TranslationCaches caches) {
        this.iotlb = caches.iotlb();
        this.tags = caches.tags();
    }

    void all() {
        iotlb.begin();
        iotlb.invalidateAll();
    }

    /**
     * Pages that host tables translate, and what depends on them: translations through guest tables and host tables together
     * know no guest address any more, so all of them go. With everything, translations through guest tables alone go too.
     */
    void ofDomain(int domain, AddressRange range) {
        iotlb.begin();
        var spaces = tags.ofDomain(domain);
        if (range.isAll()) {
            iotlb.invalidateTag(domain);
        } else {
            remove(domain, range);
        }
        if (spaces != null) {
            if (!range.isAll()) {
                remove(tags.find(domain, DeviceEntry.HOST_MARKS | DeviceTableEntry.HAD_ACCESSED), range);
                remove(tags.find(domain, DeviceEntry.HOST_MARKS | DeviceTableEntry.HAD_ACCESSED_DIRTY), range);
            }
            iotlb.invalidateTags(spaces, !range.isAll());
        }
    }

    /** Pages that the guest tables of a PASID translate. */
    void ofPasid(int domain, int pasid, AddressRange range) {
        iotlb.begin();
        int tag = tags.find(domain, pasid);
        if (tag != DomainTags.NONE && range.shift() >= ADDRESS_BITS) {
            iotlb.invalidateTag(tag);
        } else if (tag != DomainTags.NONE) {
            iotlb.invalidatePages(tag, range.first() & ADDRESS, range.last() & ADDRESS);
        }
    }

    /** Addresses of host tables are kept up to a width only. */
    private void remove(int tag, AddressRange range) {
        if (tag != DomainTags.NONE && range.first() >>> ADDRESS_BITS == 0) {
            iotlb.invalidatePages(tag, range.first(), Long.compareUnsigned(range.last(), ADDRESS) < 0 ? range.last() : ADDRESS);
        }
    }
}
