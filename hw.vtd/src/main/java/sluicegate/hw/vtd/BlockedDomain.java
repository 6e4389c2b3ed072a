package sluicegate.hw.vtd;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;

/** All DMA aborts: the context entry or the PASID entry is not present. */
final class BlockedDomain extends VtdDomain {

    BlockedDomain(VtdUnit unit) {
        super(unit);
    }

    @Override
    public DomainType type() {
        return DomainType.BLOCKED;
    }

    @Override
    PasidWords pasidEntry(int pasid) {
        return PasidWords.NONE;
    }

    /** Takes the PASID's domain away. */
    @Override
    public void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        unit().deviceOf(device).detachPasid(pasid);
    }
}
