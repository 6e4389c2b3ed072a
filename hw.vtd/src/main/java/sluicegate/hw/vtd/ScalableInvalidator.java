package sluicegate.hw.vtd;

import sluicegate.api.types.Pasid;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.PageGroupResponseDescriptor;
import sluicegate.spec.vtd.PasidCacheInvalidateDescriptor;
import sluicegate.spec.vtd.PasidIotlbInvalidateDescriptor;

/**
 * What only scalable mode has to be told, and only by queue (section 6.5.2): PASID cache, PASID-based IOTLB, answers to page
 * requests. Each call returns when it is done. Thread-safe; allocates nothing.
 */
final class ScalableInvalidator extends ModeInvalidator {
    private static final int PAGE_SHIFT = 12;

    ScalableInvalidator(InvalidationQueue queue) {
        super(queue);
    }

    /** Everything that is cached of PASID directories and tables. */
    void pasidCache() {
        pasidCache(PasidCacheInvalidateDescriptor.GLOBAL, 0, 0);
    }

    /** The entry of one PASID of a domain. */
    void pasidCache(int domainId, int pasid) {
        pasidCache(PasidCacheInvalidateDescriptor.PASID_SELECTIVE, domainId, pasid);
    }

    private void pasidCache(int granularity, int domainId, int pasid) {
        long low = PasidCacheInvalidateDescriptor.TYPE.set(0, DescriptorType.PASID_CACHE);
        low = PasidCacheInvalidateDescriptor.G.set(low, granularity);
        low = PasidCacheInvalidateDescriptor.DID.set(low, domainId);
        submit(PasidCacheInvalidateDescriptor.PASID.set(low, pasid), 0);
    }

    /** First-stage and nested translations of one PASID of a domain. */
    void iotlb(int domainId, int pasid) {
        submit(iotlbLow(PasidIotlbInvalidateDescriptor.PASID_SELECTIVE, domainId, pasid), 0);
    }

    /** Those of the smallest naturally aligned power of two of pages that covers a range, or all where the unit can't do that. */
    void iotlbRange(int domainId, int pasid, long first, long last, boolean leavesOnly) {
        int mask = Long.SIZE - Long.numberOfLeadingZeros((first ^ last) >>> PAGE_SHIFT);
        if (!capabilities().pageSelective() || mask > capabilities().maxAddressMask()) {
            iotlb(domainId, pasid);
            return;
        }
        long high = PasidIotlbInvalidateDescriptor.ADDR.setInPlace(0, first & -(1L << PAGE_SHIFT + mask));
        high = PasidIotlbInvalidateDescriptor.IH.set(high, leavesOnly ? 1 : 0);
        forgetTranslations(iotlbLow(PasidIotlbInvalidateDescriptor.PAGE, domainId, pasid),
                PasidIotlbInvalidateDescriptor.AM.set(high, mask));
    }

    private static long iotlbLow(int granularity, int domainId, int pasid) {
        long low = PasidIotlbInvalidateDescriptor.TYPE.set(0, DescriptorType.PASID_IOTLB);
        low = PasidIotlbInvalidateDescriptor.G.set(low, granularity);
        low = PasidIotlbInvalidateDescriptor.DID.set(low, domainId);
        return PasidIotlbInvalidateDescriptor.PASID.set(low, pasid);
    }

    /**
     * Answers a group of page requests (section 7.7).
     *
     * @param pasid {@link Pasid#NONE} for requests without
     * @param code response code of {@link PageGroupResponseDescriptor}
     */
    void answer(int sourceId, int pasid, int group, int code) {
        long low = PageGroupResponseDescriptor.TYPE.set(0, DescriptorType.PAGE_GROUP_RESPONSE);
        low = PageGroupResponseDescriptor.SID.set(low, sourceId);
        low = PageGroupResponseDescriptor.RC.set(low, code);
        if (pasid != Pasid.NONE) {
            low = PageGroupResponseDescriptor.PASID.set(low | PageGroupResponseDescriptor.PP.mask(), pasid);
        }
        long high = PageGroupResponseDescriptor.PRGI.set(0, group);
        submit(low, PageGroupResponseDescriptor.LPIG.set(high, 1));
    }

    /** The first step of a drain (section 7.10): answers that were submitted before are on their way to the device when this returns. */
    void fence() {
        submit(InvalidationWaitDescriptor.TYPE.set(InvalidationWaitDescriptor.FN.mask(), DescriptorType.WAIT), 0);
    }

    /** The last one: returns when page requests and answers that were on their way have arrived, as far as the unit can tell. */
    void drainPageRequests() {
        long low = InvalidationWaitDescriptor.TYPE.set(0, DescriptorType.WAIT);
        submit(InvalidationWaitDescriptor.PD.set(low, capabilities().drainsPageRequests() ? 1 : 0), 0);
    }
}
