package sluicegate.hw.smmuv3;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** All DMA aborts. SubstreamIDs may go on beside it: then requests without one are terminated (S1DSS 0). */
final class BlockedDomain extends Smmuv3Domain {

    BlockedDomain(Smmuv3Unit unit) {
        super(unit);
    }

    @Override
    public DomainType type() {
        return DomainType.BLOCKED;
    }

    @Override
    long[] streamEntry(Master master, boolean ats) {
        return master.usesSubstreams()
                ? master.contextEntry(StreamTableEntry.S1DSS_TERMINATE, ats)
                : StreamEntries.abort();
    }

    /** Takes the PASID's domain away. */
    @Override
    public void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        unit().blockPasid(device, pasid);
    }
}
