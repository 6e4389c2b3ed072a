package sluicegate.sim.vtd;

/**
 * Carries out invalidations, whichever interface they come through, at exactly the granularity that is asked for (VT-d 6.5.1
 * and 6.5.2), and drains DMAs before an invalidation counts as complete.
 */
final class Invalidator {
    private final ContextCache contexts;
    private final Iotlb iotlb;
    private final InFlight inFlight;
    private final VtdCapabilities capabilities;
    /** Whether something was removed that a DMA in flight may still use. Guarded by the register file's order of writes. */
    private boolean undrained;

    Invalidator(ContextCache contexts, Iotlb iotlb, InFlight inFlight, VtdCapabilities capabilities) {
        this.contexts = contexts;
        this.iotlb = iotlb;
        this.inFlight = inFlight;
        this.capabilities = capabilities;
    }

    void contextsAll() {
        contexts.invalidateAll();
        undrained = true;
    }

    void contextsOfDomain(int did) {
        contexts.invalidateDomain(did);
        undrained = true;
    }

    void contextsOfDevice(int did, int sourceId, int functionMask) {
        contexts.invalidateDevice(did, sourceId, functionMask);
        undrained = true;
    }

    void iotlbAll() {
        iotlb.invalidateAll();
        undrained = true;
    }

    void iotlbOfDomain(int did) {
        iotlb.invalidateDomain(did);
        undrained = true;
    }

    /** Whether a page-selective invalidation with such an address mask is possible; without PSI it becomes a domain's. */
    boolean addressMaskPossible(int addressMask) {
        return !capabilities.pageSelective() || addressMask <= capabilities.maxAddressMask();
    }

    /** @return whether it was page-selective; without PSI the whole domain is invalidated */
    boolean iotlbPages(int did, long address, int addressMask) {
        if (!capabilities.pageSelective()) {
            iotlbOfDomain(did);
            return false;
        }
        iotlb.invalidatePages(did, address, addressMask);
        undrained = true;
        return true;
    }

    /** Completes the invalidations so far: no DMA uses what they removed when this returns. */
    void complete() {
        if (undrained) {
            undrained = false;
            inFlight.drain();
        }
    }

    /** Waits for DMAs in flight although nothing was invalidated: translation was switched or the root table replaced. */
    void drain() {
        undrained = false;
        inFlight.drain();
    }
}
