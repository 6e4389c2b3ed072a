package sluicegate.hw.smmuv3;

import static sluicegate.spec.smmuv3.StreamTableEntry.CONFIG;
import static sluicegate.spec.smmuv3.StreamTableEntry.EATS;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1CDMAX;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1CIR;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1CONTEXTPTR;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1COR;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1CSH;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1DSS;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1FMT;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1STALLD;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2S;
import static sluicegate.spec.smmuv3.StreamTableEntry.SHCFG;
import static sluicegate.spec.smmuv3.StreamTableEntry.STRW;
import static sluicegate.spec.smmuv3.StreamTableEntry.V;

import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * The stream table entries that this driver writes, for one unit ({@code arm_smmu_make_*_ste}). Streams are of EL1.
 *
 * @param stalls whether the unit can stall (STALL_MODEL)
 * @param overridesTypes whether it can override memory types (ATTR_TYPES_OVR), so that "as it came" has to be asked for
 */
record StreamEntries(boolean stalls, boolean overridesTypes) {
    /** Write-back, read- and write-allocate: of the cacheability fields. */
    static final int WRITE_BACK = 0b01;
    /** Inner shareable: of the shareability fields. */
    static final int INNER_SHAREABLE = 0b11;

    /** Every request aborts, and no event tells of it. */
    static long[] abort() {
        return entry(StreamTableEntry.CONFIG_ABORT);
    }

    /** Addresses are physical addresses. */
    long[] bypass() {
        long[] entry = entry(StreamTableEntry.CONFIG_BYPASS);
        entry[1] = incoming();
        return entry;
    }

    /**
     * Stage 1.
     *
     * @param table address of the context descriptors
     * @param format S1FMT
     * @param bits S1CDMAX
     * @param dss S1DSS: what requests without a SubstreamID get
     */
    long[] stage1(long table, int format, int bits, int dss, boolean ats, boolean stall) {
        long[] entry = entry(StreamTableEntry.CONFIG_S1);
        entry[0] = S1CONTEXTPTR.setInPlace(entry[0], table);
        entry[0] = S1FMT.set(entry[0], format);
        entry[0] = S1CDMAX.set(entry[0], bits);
        entry[1] = S1DSS.set(dss == StreamTableEntry.S1DSS_BYPASS ? incoming() : 0, dss);
        entry[1] = S1CIR.set(entry[1], WRITE_BACK);
        entry[1] = S1COR.set(entry[1], WRITE_BACK);
        entry[1] = S1CSH.set(entry[1], INNER_SHAREABLE);
        entry[1] = S1STALLD.set(entry[1], stalls && !stall ? 1 : 0);
        entry[1] = STRW.set(entry[1], StreamTableEntry.STRW_EL1);
        entry[1] = eats(entry[1], ats);
        return entry;
    }

    /**
     * Stage 2.
     *
     * @param walk word 2 with VMID and all that says how tables are walked
     * @param table word 3: S2TTB
     */
    long[] stage2(long walk, long table, boolean forcedWriteBack, boolean ats, boolean stall) {
        long[] entry = entry(StreamTableEntry.CONFIG_S2);
        entry[1] = eats(incoming(), ats);
        entry[1] = StreamTableEntry.S2FWB.set(entry[1], forcedWriteBack ? 1 : 0);
        entry[2] = S2S.set(walk, stall ? 1 : 0);
        entry[3] = table;
        return entry;
    }

    /**
     * Stage 1 with a guest's descriptors on top of stage 2 ({@code arm_smmu_make_nested_cd_table_ste}). Events may be merged,
     * because a guest could flood the queue.
     *
     * @param stage2 entry of the parent
     * @param word0 the guest's: format, pointer and number of its context descriptors
     * @param word1 the guest's
     */
    long[] nested(long[] stage2, long word0, long word1, boolean ats) {
        long[] entry = stage2.clone();
        entry[0] = CONFIG.set(CONFIG.clear(word0), StreamTableEntry.CONFIG_NESTED) | V.mask();
        entry[1] = eats(EATS.clear(stage2[1]) | EATS.clear(word1) | StreamTableEntry.MEV.mask(), ats);
        return entry;
    }

    private static long[] entry(int config) {
        long[] entry = new long[EntryWriter.WORDS];
        entry[0] = CONFIG.set(V.mask(), config);
        return entry;
    }

    private long incoming() {
        return overridesTypes ? SHCFG.set(0, StreamTableEntry.SHCFG_INCOMING) : 0;
    }

    private static long eats(long word, boolean ats) {
        return EATS.set(word, ats ? StreamTableEntry.EATS_FULL : StreamTableEntry.EATS_ABORT);
    }
}
