package sluicegate.hw.vtd;

import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Pasid;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.TranslationType;

/** DMA addresses are physical addresses: the context entry (TT 10b) or the PASID entry passes requests through, with ECAP.PT. */
final class IdentityDomain extends VtdDomain {
    private final long low;
    private final long high;
    private final PasidWords entry;
    private final PasidWords supervised;

    IdentityDomain(VtdUnit unit) {
        super(unit);
        low = ContextEntry.P.mask() | ContextEntry.TT.set(0, TranslationType.PASS_THROUGH.code());
        // The manual wants the largest supported width here, although no table is walked.
        high = ContextEntry.DID.set(ContextEntry.AW.set(0, unit.capabilities().maxWidth().code()), DomainIds.PASS_THROUGH);
        entry = PasidWords.passThrough(unit.capabilities());
        supervised = unit.capabilities().supervisorRequests() ? entry.with(PasidEntry.SRE.mask()) : entry;
    }

    @Override
    public DomainType type() {
        return DomainType.IDENTITY;
    }

    @Override
    long contextLow() {
        return low;
    }

    @Override
    long contextHigh() {
        return high;
    }

    @Override
    PasidWords pasidEntry(int pasid) {
        return pasid == Pasid.NONE ? entry : supervised;
    }

    @Override
    public long iovaToPhys(long iova) {
        return iova;
    }
}
