package sluicegate.sim.smmuv3;

import java.util.BitSet;
import sluicegate.sim.smmuv3.AddressSpaceTags.Regime;
import sluicegate.sim.smmuv3.Tlb.PageRange;

/** What each CMD_TLBI command makes the TLB forget (4.4), and no more than that. */
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
        tags.find(Regime.EL1, effective(vmid), asid).ifPresent(tlb::invalidateNonGlobal);
        tags.find(Regime.NESTED, vmid, asid).ifPresent(tlb::invalidateNonGlobal);
    }

    void addresses(int vmid, int asid, PageRange range) {
        tlb.begin();
        tags.find(Regime.EL1, effective(vmid), asid).ifPresent(tag -> tlb.invalidatePages(tag, range));
        tags.find(Regime.NESTED, vmid, asid).ifPresent(tag -> tlb.invalidatePages(tag, range));
        if (tlb.hasGlobals()) {
            tlb.invalidatePages(tags.ofVmid(effective(vmid)), range, true);
        }
    }

    void addressesOfAllAsids(int vmid, PageRange range) {
        tlb.begin();
        tlb.invalidatePages(tags.ofVmid(effective(vmid)), range, false);
    }

    void allOfEl2() {
        tlb.begin();
        var all = tags.of(Regime.EL2);
        all.or(tags.of(Regime.EL2_E2H));
        tlb.invalidateTags(all);
    }

    void addressesOfEl2(int asid, boolean e2h, PageRange range) {
        tlb.begin();
        if (!e2h) {
            tlb.invalidatePages(tags.of(Regime.EL2), range, false);
            return;
        }
        tags.find(Regime.EL2_E2H, 0, asid).ifPresent(tag -> tlb.invalidatePages(tag, range));
        if (tlb.hasGlobals()) {
            tlb.invalidatePages(tags.of(Regime.EL2_E2H), range, true);
        }
    }

    void addressesOfEl2AllAsids(boolean e2h, PageRange range) {
        tlb.begin();
        tlb.invalidatePages(tags.of(e2h ? Regime.EL2_E2H : Regime.EL2), range, false);
    }

    void asidOfEl2(int asid) {
        tlb.begin();
        tags.find(Regime.EL2_E2H, 0, asid).ifPresent(tlb::invalidateNonGlobal);
    }

    void intermediateAddresses(int vmid, PageRange range) {
        tlb.begin();
        tags.find(Regime.STAGE2, vmid, 0).ifPresent(tag -> tlb.invalidatePages(tag, range));
    }

    void allStagesOfVmid(int vmid) {
        tlb.begin();
        var all = tags.ofVmid(vmid);
        tags.find(Regime.STAGE2, vmid, 0).ifPresent(all::set);
        tlb.invalidateTags(all);
    }

    void allButEl2() {
        tlb.begin();
        BitSet all = tags.of(Regime.EL1);
        all.or(tags.of(Regime.NESTED));
        all.or(tags.of(Regime.STAGE2));
        tlb.invalidateTags(all);
    }
}
