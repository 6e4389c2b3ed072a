package sluicegate.sim.vtd;

import sluicegate.api.types.Pasid;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.ScalableContextEntry;

/** What a request needs to know of its scalable-mode context entry, or why there is none. Immutable. */
final class ScalableContext {
    private final int faultCode;
    private final boolean faultsDisabled;
    private final long low;
    private final long high;

    private ScalableContext(int faultCode, boolean faultsDisabled, long low, long high) {
        this.faultCode = faultCode;
        this.faultsDisabled = faultsDisabled;
        this.low = low;
        this.high = high;
    }

    /** A good entry, by its first two words. */
    static ScalableContext of(long low, long high) {
        return new ScalableContext(0, ScalableContextEntry.FPD.isSet(low), low, high);
    }

    /** A refusal of every request. */
    static ScalableContext fault(FaultReason reason, boolean faultsDisabled) {
        return new ScalableContext(reason.code(), faultsDisabled, 0, 0);
    }

    /** The code of a fault, 0 for a good entry. */
    int faultCode() {
        return faultCode;
    }

    boolean faultsDisabled() {
        return faultsDisabled;
    }

    boolean deviceTlb() {
        return ScalableContextEntry.DTE.isSet(low);
    }

    /** Whether requests without PASID have supervisor privilege. */
    boolean privileged() {
        return ScalableContextEntry.RID_PRIV.isSet(high);
    }

    /** Physical address of the PASID directory. */
    long directory() {
        return ScalableContextEntry.PASIDDIRPTR.inPlace(low);
    }

    /** The PASID that a request is translated with. */
    int effectivePasid(int pasid) {
        return pasid == Pasid.NONE ? (int) ScalableContextEntry.RID_PASID.get(high) : pasid;
    }

    /** Why requests with a PASID, or without one, are refused by this entry: the code of a fault, or 0. */
    int refusal(int pasid) {
        if (faultCode != 0) {
            return faultCode;
        }
        boolean beyond = effectivePasid(pasid) >= ScalableContextEntry.directoryEntries(low) * PasidEntry.COUNT;
        if (pasid == Pasid.NONE) {
            return beyond ? FaultReason.SM_RID_PASID_INVALID.code() : 0;
        }
        if (!ScalableContextEntry.PASIDE.isSet(low)) {
            return FaultReason.SM_CONTEXT_ENTRY_NO_PASIDE.code();
        }
        return beyond ? FaultReason.SM_PASID_TOO_LARGE.code() : 0;
    }

    /** Why page requests with a PASID, or without one, are refused by this entry: the code of a fault, or 0. */
    int pageRequestRefusal(int pasid) {
        return faultCode == 0 && !ScalableContextEntry.PRE.isSet(low)
                ? FaultReason.SM_CONTEXT_ENTRY_NO_PRE.code()
                : refusal(pasid);
    }
}
