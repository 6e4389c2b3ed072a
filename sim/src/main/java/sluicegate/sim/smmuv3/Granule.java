package sluicegate.sim.smmuv3;

import sluicegate.spec.smmuv3.ContextDescriptor;

/** Translation granules, as powers of two, and what follows from them. */
final class Granule {
    static final int SHIFT_4K = 12;
    static final int SHIFT_16K = 14;
    static final int SHIFT_64K = 16;

    private Granule() {}

    /** What CD.TG0 and STE.S2TG mean; 0 for the reserved value. */
    static int ofTg0(long tg) {
        return switch ((int) tg) {
            case ContextDescriptor.TG0_4K -> SHIFT_4K;
            case ContextDescriptor.TG0_64K -> SHIFT_64K;
            case ContextDescriptor.TG0_16K -> SHIFT_16K;
            default -> 0;
        };
    }

    /** What CD.TG1 means; 0 for the reserved value. */
    static int ofTg1(long tg) {
        return switch ((int) tg) {
            case ContextDescriptor.TG1_4K -> SHIFT_4K;
            case ContextDescriptor.TG1_64K -> SHIFT_64K;
            case ContextDescriptor.TG1_16K -> SHIFT_16K;
            default -> 0;
        };
    }

    /** What TG of a TLB invalidation means; 0 for any. */
    static int ofInvalidation(long tg) {
        return tg == 0 ? 0 : SHIFT_4K + 2 * ((int) tg - 1);
    }

    /** Whether there are blocks at level 1: of 4 TiB with the largest granule, where addresses are that wide (FEAT_LPA). */
    static boolean hasBlocksAtLevel1(int granule, boolean wideAddresses) {
        return granule == SHIFT_4K || granule == SHIFT_64K && wideAddresses;
    }

    /** log2 of how many descriptors of a level the contiguous hint is about (DDI 0487, Contiguous bit). */
    static int contiguousBits(int granule, int level) {
        return switch (granule) {
            case SHIFT_4K -> 4;
            case SHIFT_16K -> level == 3 ? 7 : 5;
            default -> 5;
        };
    }

    /** The largest value of a TxSZ field, which is the smallest table. */
    static int largestTxsz(int granule, boolean smallTables) {
        if (!smallTables) {
            return 39;
        }
        return granule == SHIFT_64K ? 47 : 48;
    }
}
