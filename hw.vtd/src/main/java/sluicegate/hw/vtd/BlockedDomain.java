package sluicegate.hw.vtd;

import sluicegate.api.driver.DomainType;

/** All DMA aborts: the context entry is not present. */
final class BlockedDomain extends VtdDomain {

    BlockedDomain(VtdUnit unit) {
        super(unit);
    }

    @Override
    public DomainType type() {
        return DomainType.BLOCKED;
    }

    @Override
    long contextLow() {
        return 0;
    }

    @Override
    long contextHigh() {
        return 0;
    }
}
