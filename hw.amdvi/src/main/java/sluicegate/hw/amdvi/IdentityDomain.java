package sluicegate.hw.amdvi;

import sluicegate.api.driver.DomainType;

/**
 * DMA addresses are physical addresses: an entry without host tables. A device that can send PASIDs has its table of PASIDs beside
 * that, and a domain id of its own, because that is what tells its PASIDs from those of other devices; all others share one.
 */
final class IdentityDomain extends AmdviDomain {

    private final int id;

    IdentityDomain(AmdviUnit unit) {
        super(unit);
        id = unit.domainIds().allocate();
    }

    @Override
    public DomainType type() {
        return DomainType.IDENTITY;
    }

    @Override
    boolean allowsPasids() {
        return true;
    }

    @Override
    DeviceEntry entry(AmdviDevice device) {
        return device.pasids().map(pasids -> pasids.into(DeviceEntry.identity(pasids.domainId())))
                .orElseGet(() -> DeviceEntry.identity(id));
    }

    @Override
    public long iovaToPhys(long iova) {
        return iova;
    }
}
