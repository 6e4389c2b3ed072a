package sluicegate.sim.smmuv3;

import sluicegate.sim.smmuv3.AddressSpaceTags.Regime;

/**
 * What each CMD_TLBI command makes the TLB forget (4.4), and no more than that. Pages are named by their first and last address
 * as {@link StageTables#cacheAddress} gives it, and by the page sizes that are meant, one bit each; {@code leavesOnly} is the hint Leaf,
 * that no table was taken out. Allocates nothing.
 */
final class TlbInvalidations {
    private final Tlb tlb;
    private final AddressSpaceTags tags;
    /** Without stage 2 there are no VMIDs. */
    private final boolean vmids;

    TlbInvalidations(Tlb tlb, AddressSpaceTags tags, Smmuv3Capabilities capabilities) {
        this.tlb = tlb;
        this.tags = tags;
        this.vmids = capabilities.stage2();
    }

    private int effective(int vmid) {
        return vmids ? vmid : 0;
    }

    void allOfVmid(int vmid) {
        tlb.begin();
        tlb.invalidateTags(tags.ofVmid(effective(vmid)));
    }

    void asid(int vmid, int asid) {
        tlb.begin();
        tlb.invalidateNonGlobal(tags.find(Regime.EL1, effective(vmid), asid));
        tlb.invalidateNonGlobal(tags.find(Regime.NESTED, vmid, asid));
    }

    void addresses(int vmid, int asid, long first, long last, int sizes, boolean leavesOnly) {
        tlb.begin();
        tlb.invalidatePages(tags.find(Regime.EL1, effective(vmid), asid), first, last, sizes, leavesOnly);
        tlb.invalidatePages(tags.find(Regime.NESTED, vmid, asid), first, last, sizes, leavesOnly);
        if (tlb.hasGlobals()) {
            tlb.invalidateGlobalPages(tags.ofVmid(effective(vmid)), first, last, sizes);
        }
    }

    void addressesOfAllAsids(int vmid, long first, long last, int sizes, boolean leavesOnly) {
        tlb.begin();
        tlb.invalidatePages(tags.ofVmid(effective(vmid)), first, last, sizes, leavesOnly);
    }

    void allOfEl2() {
        tlb.begin();
        tlb.invalidateTags(tags.of(Regime.EL2));
        tlb.invalidateTags(tags.of(Regime.EL2_E2H));
    }

    void addressesOfEl2(int asid, boolean e2h, long first, long last, int sizes, boolean leavesOnly) {
        tlb.begin();
        if (!e2h) {
            tlb.invalidatePages(tags.of(Regime.EL2), first, last, sizes, leavesOnly);
            return;
        }
        tlb.invalidatePages(tags.find(Regime.EL2_E2H, 0, asid), first, last, sizes, leavesOnly);
        if (tlb.hasGlobals()) {
            tlb.invalidateGlobalPages(tags.of(Regime.EL2_E2H), first, last, sizes);
        }
    }

    void addressesOfEl2AllAsids(boolean e2h, long first, long last, int sizes, boolean leavesOnly) {
        tlb.begin();
        tlb.invalidatePages(tags.of(e2h ? Regime.EL2_E2H : Regime.EL2), first, last, sizes, leavesOnly);
    }

    void asidOfEl2(int asid) {
        tlb.begin();
        tlb.invalidateNonGlobal(tags.find(Regime.EL2_E2H, 0, asid));
    }

    void intermediateAddresses(int vmid, long first, long last, int sizes, boolean leavesOnly) {
        tlb.begin();
        tlb.invalidatePages(tags.find(Regime.STAGE2, vmid, 0), first, last, sizes, leavesOnly);
    }

    void allStagesOfVmid(int vmid) {
        tlb.begin();
        // What stage 2 gives goes into what is kept of both stages, so it is forgotten first.
        tlb.invalidateTag(tags.find(Regime.STAGE2, vmid, 0));
        tlb.begin();
        tlb.invalidateTags(tags.ofVmid(vmid));
    }

    void allButEl2() {
        tlb.begin();
        tlb.invalidateTags(tags.of(Regime.STAGE2));
        tlb.begin();
        tlb.invalidateTags(tags.of(Regime.NESTED));
        tlb.invalidateTags(tags.of(Regime.EL1));
    }
}
