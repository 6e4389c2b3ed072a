package sluicegate.hw.vtd;

import sluicegate.api.driver.DomainType;

/**
 * What a PASID has whose address space has ended before its device was told to stop ({@code intel_mm_release}): its entry is not present,
 * and what is refused for that is not recorded, because every request would be. Otherwise the device may do what it did until its PASID is
 * blocked.
 */
final class EndedDomain extends VtdDomain {

    EndedDomain(VtdUnit unit) {
        super(unit);
    }

    @Override
    public DomainType type() {
        return DomainType.BLOCKED;
    }

    @Override
    PasidWords pasidEntry(int pasid) {
        return PasidWords.SILENT;
    }

    @Override
    boolean servesPageRequests() {
        return true;
    }
}
