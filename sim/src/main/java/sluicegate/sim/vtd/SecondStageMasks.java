package sluicegate.sim.vtd;

import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.SecondStageEntry;

/** Which bits of second-stage entries must be zero on a unit, and which are an address, by level. */
final class SecondStageMasks {
    private static final int MAX_LEVELS = 5;
    private static final long[] PAGE_ADDRESS = {0, SecondStageEntry.ADDR.mask(), SecondStageEntry.ADDR_2M.mask(),
        SecondStageEntry.ADDR_1G.mask()};

    /** For a level without pages PS is one of them. */
    private final long[] tableReserved = new long[MAX_LEVELS + 1];
    private final long[] pageReserved = new long[MAX_LEVELS + 1];

    SecondStageMasks(VtdCapabilities capabilities) {
        long address = SecondStageEntry.ADDR.mask() & capabilities.beyondHostAddress();
        long page = address
                | (capabilities.snoopControl() ? 0 : SecondStageEntry.SNP.mask())
                | (capabilities.deviceTlb() ? 0 : SecondStageEntry.TM.mask());
        long ps = SecondStageEntry.PS.mask();
        boolean[] pages = {false, true, CapabilityRegister.supports2M(capabilities.cap()),
            CapabilityRegister.supports1G(capabilities.cap()), false, false};
        for (int level = 1; level <= MAX_LEVELS; level++) {
            tableReserved[level] = address | SecondStageEntry.layout(level, 0).reservedMask(0);
            pageReserved[level] = pages[level]
                    ? page | SecondStageEntry.layout(level, ps).reservedMask(0)
                    : tableReserved[level] | ps;
        }
    }

    /** The bits that must be zero in a table entry or in a page entry. */
    long reserved(int level, boolean leaf) {
        return leaf ? pageReserved[level] : tableReserved[level];
    }

    /** The address bits of a page entry. */
    static long pageAddress(int level) {
        return PAGE_ADDRESS[level];
    }
}
