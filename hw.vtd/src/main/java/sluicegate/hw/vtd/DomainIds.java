package sluicegate.hw.vtd;

import sluicegate.hw.common.IdSpace;

/** The domain ids of one unit, which tag what it caches. Thread-safe. */
final class DomainIds extends IdSpace {
    /** Never used by a context entry: hardware in caching mode tags entries that are not present with it. */
    static final int RESERVED = 0;
    /** All pass-through context entries share this one ({@code FLPT_DEFAULT_DID}). */
    static final int PASS_THROUGH = 1;
    private static final int FIRST = 2;

    DomainIds(String unit, int count) {
        super(unit, "domain ids for domains (CAP_REG.ND)", FIRST, count);
    }
}
