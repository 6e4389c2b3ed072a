package sluicegate.hw.amdvi;

import sluicegate.hw.common.IdSpace;

/**
 * The domain ids of one unit, which tag what it caches (DTE.DOMAINID). A host domain has one; so has each device with guest
 * tables, whose PASIDs mean something only with it. Thread-safe.
 */
final class DomainIds extends IdSpace {
    /** Of entries that block: nothing is cached for them. */
    static final int BLOCKED = 0;
    private static final int FIRST = 1;
    private static final int COUNT = 1 << 16;

    DomainIds(String unit) {
        super(unit, "domain ids", FIRST, COUNT);
    }
}
