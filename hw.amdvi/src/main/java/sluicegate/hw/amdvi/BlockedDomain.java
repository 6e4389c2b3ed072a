package sluicegate.hw.amdvi;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;

/** All DMA aborts, with and without PASID: the entry is valid and permits nothing. */
final class BlockedDomain extends AmdviDomain {

    BlockedDomain(AmdviUnit unit) {
        super(unit);
    }

    @Override
    public DomainType type() {
        return DomainType.BLOCKED;
    }

    @Override
    DeviceEntry entry(AmdviDevice device) {
        return DeviceEntry.BLOCKED;
    }

    /** Takes the PASID's domain away. */
    @Override
    public void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        unit().deviceOf(device).detachPasid(pasid);
    }
}
