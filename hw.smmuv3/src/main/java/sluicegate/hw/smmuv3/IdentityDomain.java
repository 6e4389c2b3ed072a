package sluicegate.hw.smmuv3;

import sluicegate.api.driver.DomainType;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** DMA addresses are physical addresses. SubstreamIDs may go on beside it: then only requests without one pass (S1DSS 1). */
final class IdentityDomain extends Smmuv3Domain {

    IdentityDomain(Smmuv3Unit unit) {
        super(unit);
    }

    @Override
    public DomainType type() {
        return DomainType.IDENTITY;
    }

    @Override
    long[] streamEntry(Master master, boolean ats) {
        return master.usesSubstreams()
                ? master.contextEntry(StreamTableEntry.S1DSS_BYPASS, ats)
                : unit().entries().bypass();
    }

    @Override
    public long iovaToPhys(long iova) {
        return iova;
    }
}
