package sluicegate.sim.smmuv3;

import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * A stream table entry that was fetched, as far as it matters to the model.
 *
 * @param valid whether V is set and nothing in it is illegal
 * @param word0 its first word
 * @param word1 its second word
 * @param vmid with which translations of stage 1 are tagged
 * @param stage2 tables of stage 2, null without
 * @param overrides whether it overrides the privilege or instruction attribute of requests
 */
record StreamEntry(boolean valid, long word0, long word1, int vmid, StageTables stage2, boolean overrides) {
    private static final int OVERRIDE_OFF = 0b10;

    int config() {
        return (int) StreamTableEntry.CONFIG.get(word0);
    }

    boolean translatesStage1() {
        return (config() & 0b101) == 0b101;
    }

    int substreamBits() {
        return (int) StreamTableEntry.S1CDMAX.get(word0);
    }

    int format() {
        return (int) StreamTableEntry.S1FMT.get(word0);
    }

    long contextPointer() {
        return StreamTableEntry.S1CONTEXTPTR.inPlace(word0);
    }

    int defaultSubstream() {
        return (int) StreamTableEntry.S1DSS.get(word1);
    }

    int world() {
        return (int) StreamTableEntry.STRW.get(word1);
    }

    boolean stallsDisabled() {
        return StreamTableEntry.S1STALLD.isSet(word1);
    }

    boolean mergesEvents() {
        return StreamTableEntry.MEV.isSet(word1);
    }

    boolean responsesKeepPasid() {
        return StreamTableEntry.PPAR.isSet(word1);
    }

    /** EATS, as far as it counts: bypass means that ATS is refused. */
    int ats() {
        return config() == StreamTableEntry.CONFIG_BYPASS
                ? StreamTableEntry.EATS_ABORT
                : (int) StreamTableEntry.EATS.get(word1);
    }

    /** Whether all that is read counts as an instruction. */
    boolean readsInstructions() {
        return overrides && StreamTableEntry.INSTCFG.get(word1) > OVERRIDE_OFF;
    }

    /** An access with the attributes that the entry gives it (13.1.2). */
    int override(int access) {
        if (!overrides) {
            return access;
        }
        long privilege = StreamTableEntry.PRIVCFG.get(word1);
        long instruction = StreamTableEntry.INSTCFG.get(word1);
        int result = privilege < OVERRIDE_OFF ? access : StreamAccess.withPrivilege(access, privilege > OVERRIDE_OFF);
        return instruction < OVERRIDE_OFF ? result : StreamAccess.withInstruction(result, instruction > OVERRIDE_OFF);
    }
}
