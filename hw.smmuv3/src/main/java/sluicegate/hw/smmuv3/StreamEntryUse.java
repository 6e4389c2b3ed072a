package sluicegate.hw.smmuv3;

import static sluicegate.spec.smmuv3.StreamTableEntry.CONFIG;
import static sluicegate.spec.smmuv3.StreamTableEntry.CONFIG_BYPASS;
import static sluicegate.spec.smmuv3.StreamTableEntry.EATS;
import static sluicegate.spec.smmuv3.StreamTableEntry.MEV;
import static sluicegate.spec.smmuv3.StreamTableEntry.PPAR;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1CDMAX;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1CIR;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1CONTEXTPTR;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1COR;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1CSH;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1DSS;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1FMT;
import static sluicegate.spec.smmuv3.StreamTableEntry.S1STALLD;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2AA64;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2ENDI;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2FWB;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2IR0;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2OR0;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2PS;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2PTW;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2R;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2S;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2SH0;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2SL0;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2T0SZ;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2TG;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2TTB;
import static sluicegate.spec.smmuv3.StreamTableEntry.S2VMID;
import static sluicegate.spec.smmuv3.StreamTableEntry.SHCFG;
import static sluicegate.spec.smmuv3.StreamTableEntry.STRW;
import static sluicegate.spec.smmuv3.StreamTableEntry.V;

import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * What hardware looks at in a stream table entry (section 5.2; {@code arm_smmu_get_ste_used} and {@code
 * arm_smmu_get_ste_update_safe}), of the fields that this driver ever sets.
 */
final class StreamEntryUse implements EntryUse {
    private static final long STAGE_1_BIT = 0b001;
    private static final long STAGE_2_BIT = 0b010;
    private static final long POINTER = S1FMT.mask() | S1CONTEXTPTR.mask() | S1CDMAX.mask();
    private static final long STAGE_1 = S1DSS.mask() | S1CIR.mask() | S1COR.mask() | S1CSH.mask() | S1STALLD.mask() | STRW.mask()
            | EATS.mask() | MEV.mask() | PPAR.mask();
    private static final long STAGE_2 = S2FWB.mask() | EATS.mask() | SHCFG.mask() | MEV.mask();
    private static final long WALK_2 = S2VMID.mask() | S2T0SZ.mask() | S2SL0.mask() | S2IR0.mask() | S2OR0.mask()
            | S2SH0.mask() | S2TG.mask() | S2PS.mask() | S2AA64.mask() | S2ENDI.mask() | S2PTW.mask() | S2S.mask() | S2R.mask();

    @Override
    public void used(long[] entry, long[] used) {
        used[0] |= V.mask();
        if (!V.isSet(entry[0])) {
            return;
        }
        used[0] |= CONFIG.mask();
        long config = CONFIG.get(entry[0]);
        if (config < CONFIG_BYPASS) {
            return;
        }
        if ((config & STAGE_1_BIT) != 0) {
            used[0] |= POINTER;
            used[1] |= STAGE_1;
            used[2] |= S2VMID.mask();
            if (S1DSS.get(entry[1]) == StreamTableEntry.S1DSS_BYPASS) {
                used[1] |= SHCFG.mask();
            }
        }
        if ((config & STAGE_2_BIT) != 0) {
            used[1] |= STAGE_2;
            used[2] |= WALK_2;
            used[3] |= S2TTB.mask();
        }
        if (config == CONFIG_BYPASS) {
            used[1] |= SHCFG.mask();
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>MEV: hardware may merge events whether it is set or not. EATS: ATS is off at the device while it changes, so nobody
     * asks; except where split stages or stalls are involved, because a mixture with those is an illegal entry.
     */
    @Override
    public void safe(long[] entry, long[] target, long[] safe) {
        safe[1] |= MEV.mask();
        long split = EATS.set(0, StreamTableEntry.EATS_SPLIT);
        if (((entry[1] | target[1]) & split) == 0 && !S2S.isSet(entry[2] | target[2])) {
            safe[1] |= EATS.mask();
        }
    }
}
