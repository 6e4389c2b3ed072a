package sluicegate.sim.vtd;

import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.cache.InFlight;

/**
 * Carries out invalidations, whichever interface they come through, at exactly the granularity that is asked for (VT-d 6.5.1
 * and 6.5.2), and drains DMAs before an invalidation counts as complete.
 */
final class Invalidator {
    /** First-stage addresses are canonical: the bits above these are copies, and caches do without them. */
    private static final long INPUT_ADDRESS = (1L << 57) - 1;

    private final ContextCache contexts;
    private final ConfigurationCache configuration;
    private final Iotlb iotlb;
    private final PagingStructures structures;
    private final DomainTags tags;
    private final InterruptEntryCache interrupts;
    private final InFlight inFlight;
    private final VtdCapabilities capabilities;
    /** Whether something was removed that a DMA in flight may still use. Guarded by the register file's order of writes. */
    private boolean undrained;

    Invalidator(TranslationCaches caches, InterruptEntryCache interrupts, InFlight inFlight, VtdCapabilities capabilities) {
        this.contexts = caches.contexts();
        this.configuration = caches.configuration();
        this.iotlb = caches.iotlb();
        this.structures = caches.structures();
        this.tags = caches.tags();
        this.interrupts = interrupts;
        this.inFlight = inFlight;
        this.capabilities = capabilities;
    }

    /** All context entries, of whatever mode. */
    void contextsAll() {
        contexts.invalidateAll();
        configuration.invalidateContexts();
        undrained = true;
    }

    /** The context entries of a domain. In scalable mode they know no domain, and all are concerned. */
    void contextsOfDomain(int did) {
        contexts.invalidateDomain(did);
        configuration.invalidateContexts();
        undrained = true;
    }

    /** The context entries of a device, in legacy mode if they are of the domain. */
    void contextsOfDevice(int did, int sourceId, int functionMask) {
        contexts.invalidateDevice(did, sourceId, functionMask);
        configuration.invalidateContexts(sourceId, functionMask);
        undrained = true;
    }

    /** All PASID entries. */
    void pasidsAll() {
        configuration.invalidateEntries();
        undrained = true;
    }

    /** The PASID entries of a domain. */
    void pasidsOfDomain(int did) {
        configuration.invalidateEntries(did);
        undrained = true;
    }

    /** The entries of one PASID of a domain. */
    void pasidsOfDomain(int did, int pasid) {
        configuration.invalidateEntries(did, pasid);
        undrained = true;
    }

    void iotlbAll() {
        structures.invalidateAll();
        iotlb.invalidateAll();
        undrained = true;
    }

    void iotlbOfDomain(int did) {
        structures.invalidateTag(did);
        iotlb.invalidateTag(did);
        firstStageOfDomain(did);
        undrained = true;
    }

    /** First-stage and nested translations do not say which second-stage addresses they used: all of the domain go. */
    private void firstStageOfDomain(int did) {
        var pairs = tags.ofDomain(did);
        if (pairs != null) {
            structures.invalidateTags(pairs);
            iotlb.invalidateTags(pairs);
        }
    }

    /**
     * Translations of a PASID of a domain (table 24). Those of the second stage alone do not say which PASID they were for:
     * all of the domain go.
     */
    void iotlbOfPasid(int did, int pasid) {
        int pair = tags.find(did, pasid);
        structures.invalidateTag(pair);
        iotlb.invalidateTag(pair);
        iotlb.invalidateTag(did);
        undrained = true;
    }

    /**
     * The same, of a range of input addresses by the first stage.
     *
     * @param addressMask two to that power pages
     * @param leavesOnly whether paging-structure caches may keep what they have (IH)
     */
    void iotlbPagesOfPasid(int did, int pasid, long address, int addressMask, boolean leavesOnly) {
        if (!capabilities.pageSelective()) {
            iotlbOfPasid(did, pasid);
            return;
        }
        int pair = tags.find(did, pasid);
        if (!leavesOnly) {
            structures.invalidatePages(pair, address, addressMask);
        }
        iotlb.invalidatePages(pair, address & INPUT_ADDRESS, addressMask);
        undrained = true;
    }

    /** Whether a page-selective invalidation with such an address mask is possible; without PSI it becomes a domain's. */
    boolean addressMaskPossible(int addressMask) {
        return !capabilities.pageSelective() || addressMask <= capabilities.maxAddressMask();
    }

    /**
     * Translations of a domain, of a range of addresses by the second stage; those of a first stage go all (table 23).
     *
     * @param leavesOnly whether paging-structure caches may keep what they have of the second stage (IH)
     * @return whether it was page-selective; without PSI the whole domain is invalidated
     */
    boolean iotlbPages(int did, long address, int addressMask, boolean leavesOnly) {
        if (!capabilities.pageSelective()) {
            iotlbOfDomain(did);
            return false;
        }
        if (!leavesOnly) {
            structures.invalidatePages(did, address, addressMask);
        }
        iotlb.invalidatePages(did, address, addressMask);
        firstStageOfDomain(did);
        undrained = true;
        return true;
    }

    /**
     * What a page request invalidates by the way (6.5.3.1, table 27): software may have given a page more permissions without
     * an invalidation, and answers that it has. Nothing is drained. To be called by any thread.
     *
     * @param entry the PASID entry of the request
     */
    void onPageRequest(PasidContext entry, long address) {
        if (entry.kind == PasidContext.FIRST_STAGE) {
            structures.invalidatePages(entry.tag, address, 0);
            iotlb.invalidatePages(entry.tag, address & INPUT_ADDRESS, 0);
        } else if (entry.kind == PasidContext.SECOND_STAGE) {
            structures.invalidatePages(entry.did, address, 0);
            iotlb.invalidatePages(entry.did, address, 0);
        } else if (entry.kind == PasidContext.NESTED) {
            firstStageOfDomain(entry.did);
        }
    }

    /** All entries of the interrupt remapping table. */
    void interruptsAll() {
        interrupts.invalidateAll();
        undrained = true;
    }

    /** Those entries whose index is that one, apart from {@code indexMask} low bits. */
    void interrupts(int index, int indexMask) {
        interrupts.invalidate(index, indexMask);
        undrained = true;
    }

    /** Devices forgot translations, and may have requests under way that used them. */
    void deviceTlbs() {
        undrained = true;
    }

    /** Completes the invalidations so far: no DMA uses what they removed when this returns. */
    void complete() {
        if (undrained) {
            undrained = false;
            inFlight.drain();
        }
    }

    /** A new root table was set, and the unit is one that then forgets everything (CAP.ESRTPS). */
    void everything() {
        contextsAll();
        pasidsAll();
        iotlbAll();
    }

    /** Waits for DMAs in flight although nothing was invalidated: translation was switched or the root table replaced. */
    void drain() {
        undrained = false;
        inFlight.drain();
    }
}
