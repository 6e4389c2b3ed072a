package sluicegate.sim.amdvi;

import sluicegate.sim.cache.DomainTags;
import sluicegate.spec.amdvi.DeviceTableEntry;

/**
 * What invalidations of pages remove from the IOTLB (2.4.3, 2.4.8). Entries that point to tables are not kept at all. Nothing
 * here creates an object.
 */
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
     *
     * @param first the first address of an {@link AddressRange}
     * @param shift its size
     */
    void ofDomain(int domain, long first, int shift) {
        iotlb.begin();
        var spaces = tags.ofDomain(domain);
        if (AddressRange.isAll(shift)) {
            iotlb.invalidateTag(domain);
        } else {
            remove(domain, first, shift);
        }
        if (spaces != null) {
            if (!AddressRange.isAll(shift)) {
                remove(tags.find(domain, DeviceEntry.HOST_MARKS | DeviceTableEntry.HAD_ACCESSED), first, shift);
                remove(tags.find(domain, DeviceEntry.HOST_MARKS | DeviceTableEntry.HAD_ACCESSED_DIRTY), first, shift);
            }
            iotlb.invalidateTags(spaces, !AddressRange.isAll(shift));
        }
    }

    /** Pages that the guest tables of a PASID translate. */
    void ofPasid(int domain, int pasid, long first, int shift) {
        iotlb.begin();
        int tag = tags.find(domain, pasid);
        if (tag != DomainTags.NONE && shift >= ADDRESS_BITS) {
            iotlb.invalidateTag(tag);
        } else if (tag != DomainTags.NONE) {
            iotlb.invalidatePages(tag, first & ADDRESS, AddressRange.last(first, shift) & ADDRESS);
        }
    }

    /** Addresses of host tables are kept up to a width only. */
    private void remove(int tag, long first, int shift) {
        if (tag != DomainTags.NONE && first >>> ADDRESS_BITS == 0) {
            long last = AddressRange.last(first, shift);
            iotlb.invalidatePages(tag, first, Long.compareUnsigned(last, ADDRESS) < 0 ? last : ADDRESS);
        }
    }
}
