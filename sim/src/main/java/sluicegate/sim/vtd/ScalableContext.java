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

    /** An entry without reserved bits, by its first two words; it may be a refusal all the same. */
    static ScalableContext of(long low, long high) {
        boolean asksWithoutTlb = ScalableContextEntry.PRE.isSet(low) && !ScalableContextEntry.DTE.isSet(low);
        if (asksWithoutTlb || ScalableContextEntry.RID_PASID.get(high) >= pasids(low)) {
            return fault(FaultReason.SM_CONTEXT_ENTRY_INVALID, ScalableContextEntry.FPD.isSet(low));
        }
        return new ScalableContext(0, ScalableContextEntry.FPD.isSet(low), low, high);
    }

    /** How many PASIDs the directory has room for. */
    private static int pasids(long low) {
        return ScalableContextEntry.directoryEntries(low) * PasidEntry.COUNT;
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
        if (pasid == Pasid.NONE) {
            return 0;
        }
        if (!ScalableContextEntry.PASIDE.isSet(low)) {
            return FaultReason.SM_CONTEXT_ENTRY_NO_PASIDE.code();
        }
        if (pasid >= pasids(low)) {
            return FaultReason.SM_PASID_TOO_LARGE.code();
        }
        return pasid == effectivePasid(Pasid.NONE) ? FaultReason.SM_PASID_IS_RID_PASID.code() : 0;
    }

    /** Why page requests with a PASID, or without one, are refused by this entry: the code of a fault, or 0. */
    int pageRequestRefusal(int pasid) {
        return faultCode == 0 && !ScalableContextEntry.PRE.isSet(low)
                ? FaultReason.SM_CONTEXT_ENTRY_NO_PRE.code()
                : refusal(pasid);
    }
}
