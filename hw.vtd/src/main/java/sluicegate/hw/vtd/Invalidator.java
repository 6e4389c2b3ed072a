package sluicegate.hw.vtd;

import sluicegate.spec.vtd.IotlbInvalidateDescriptor;

/**
 * Makes the hardware forget: context cache and IOTLB (section 6.5). Each call returns when the hardware has done it.
 *
 * <p>Granularities have the same codes in descriptors and in registers. Implementations are thread-safe and allocate
 * nothing.
 */
abstract class Invalidator {
    private final VtdCapabilities capabilities;

    Invalidator(VtdCapabilities capabilities) {
        this.capabilities = capabilities;
    }

    VtdCapabilities capabilities() {
        return capabilities;
    }

    /** Invalidates the context cache at one of the granularities of its descriptor. */
    abstract void contextCache(int granularity, int domainId, int sourceId);

    /**
     * Invalidates the IOTLB.
     *
     * @param address for pages: of the first, aligned to 2^addressMask pages
     * @param leavesOnly whether entries of upper levels may stay cached (IH)
     */
    abstract void iotlb(int granularity, int domainId, long address, int addressMask, boolean leavesOnly);

    /** Whether it has that page of the arena. */
    abstract boolean uses(long page);

    /** Waits for what is under way and gives memory back. */
    abstract void stop();

    /** All pages of a domain. */
    final void iotlbDomain(int domainId) {
        iotlb(IotlbInvalidateDescriptor.DOMAIN, domainId, 0, 0, false);
    }

    /**
     * The smallest naturally aligned power of two of pages that covers {@code [first, last]}; the whole domain where the
     * unit can't do pages, or not so many.
     */
    final void iotlbRange(int domainId, long first, long last, boolean leavesOnly) {
        int mask = Long.SIZE - Long.numberOfLeadingZeros((first ^ last) >>> 12);
        if (!capabilities.pageSelective() || mask > capabilities.maxAddressMask()) {
            iotlbDomain(domainId);
        } else {
            iotlb(IotlbInvalidateDescriptor.PAGE, domainId, first & -(4096L << mask), mask, leavesOnly);
        }
    }
}
