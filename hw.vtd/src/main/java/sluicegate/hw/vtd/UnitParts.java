package sluicegate.hw.vtd;

import java.util.Optional;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;

/**
 * What the operations of a unit work with, all started.
 *
 * @param scalable present in scalable mode
 * @param deviceTlbs present where invalidations go by queue
 * @param pageRequests present where devices may ask for pages
 */
record UnitParts(VtdWindow window, TranslationTables tables, Invalidator invalidator, Optional<ScalableInvalidator> scalable,
        Optional<DeviceTlbInvalidator> deviceTlbs, FaultLog faults, Optional<PageRequestQueue> pageRequests) {

    /** Makes the hardware forget all that it may have cached of tables, whoever wrote them. */
    void forgetEverything() {
        invalidator.contextCache(ContextCacheInvalidateDescriptor.GLOBAL, 0, 0);
        scalable.ifPresent(ScalableInvalidator::pasidCache);
        invalidator.iotlb(IotlbInvalidateDescriptor.GLOBAL, 0, 0, 0, false);
    }

    /** Whether a page of the arena is one of theirs. */
    boolean uses(long page) {
        return usesBesideRequests(page) || pageRequests.filter(queue -> queue.uses(page)).isPresent();
    }

    /** The same without the page request queue. */
    boolean usesBesideRequests(long page) {
        return tables.uses(page) || invalidator.uses(page);
    }
}
