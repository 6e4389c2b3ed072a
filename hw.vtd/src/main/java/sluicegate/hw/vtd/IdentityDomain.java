package sluicegate.hw.vtd;

import sluicegate.api.driver.DomainType;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.TranslationType;

/** DMA addresses are physical addresses: the context entry passes requests through (TT 10b, with ECAP.PT). */
final class IdentityDomain extends VtdDomain {
    private final long low;
    private final long high;

    IdentityDomain(VtdUnit unit) {
        super(unit);
        low = ContextEntry.P.mask() | ContextEntry.TT.set(0, TranslationType.PASS_THROUGH.code());
        // The manual wants the largest supported width here, although no table is walked.
        high = ContextEntry.DID.set(ContextEntry.AW.set(0, unit.capabilities().maxWidth().code()), DomainIds.PASS_THROUGH);
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
    public long iovaToPhys(long iova) {
        return iova;
    }
}
