package sluicegate.sim.vtd;

import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FirstStageEntry;

/** Which bits of first-stage entries must be zero on a unit, and which are an address, by level. */
final class FirstStageMasks {
    private static final int MAX_LEVELS = 5;
    private static final long[] PAGE_ADDRESS = {0, FirstStageEntry.ADDR.mask(), FirstStageEntry.ADDR_2M.mask(),
        FirstStageEntry.ADDR_1G.mask()};

    private final long beyondHostAddress;
    /** XD where requests for execute permission exist but NXE is off; without such requests nobody looks at it. */
    private final long executeDisable;
    private final long[] table = new long[MAX_LEVELS + 1];
    private final long[] page = new long[MAX_LEVELS + 1];

    FirstStageMasks(VtdCapabilities capabilities) {
        beyondHostAddress = FirstStageEntry.ADDR.mask() & capabilities.beyondHostAddress();
        executeDisable = capabilities.has(ExtendedCapabilityRegister.ERS) ? FirstStageEntry.XD.mask() : 0;
        long ps = FirstStageEntry.PS.mask();
        boolean[] pages = {false, true, true, CapabilityRegister.FS1GP.isSet(capabilities.cap()), false, false};
        for (int level = 1; level <= MAX_LEVELS; level++) {
            table[level] = FirstStageEntry.layout(level, 0).reservedMask(0);
            page[level] = pages[level] ? FirstStageEntry.layout(level, ps).reservedMask(0) : table[level] | ps;
        }
    }

    /** The bits that must be zero in every entry. In nested translation any address is one, as far as this stage goes. */
    long reserved(PasidContext context) {
        return (context.kind == PasidContext.NESTED ? 0 : beyondHostAddress) | (context.noExecute ? 0 : executeDisable);
    }

    /** The bits that must be zero in a table entry or in a page entry besides. */
    long reserved(int level, boolean leaf) {
        return (leaf ? page : table)[level];
    }

    /** The address bits of a page entry. */
    static long pageAddress(int level) {
        return PAGE_ADDRESS[level];
    }
}
