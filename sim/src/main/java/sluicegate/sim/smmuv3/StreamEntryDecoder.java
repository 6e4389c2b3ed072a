package sluicegate.sim.smmuv3;

import sluicegate.sim.smmuv3.AddressSpaceTags.Regime;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** What a stream table entry says, and whether it is illegal (5.2.2). Stateless. */
final class StreamEntryDecoder {
    private static final int OVERRIDE_BIT = 0b10;

    private final Smmuv3Capabilities capabilities;
    private final AddressSpaceTags tags;

    StreamEntryDecoder(Smmuv3Capabilities capabilities, AddressSpaceTags tags) {
        this.capabilities = capabilities;
        this.tags = tags;
    }

    /** @param ste its eight words */
    StreamEntry decode(long[] ste) {
        int config = (int) StreamTableEntry.CONFIG.get(ste[0]);
        boolean valid = StreamTableEntry.V.isSet(ste[0]) && (config < StreamTableEntry.CONFIG_BYPASS || isLegal(ste, config));
        int vmid = capabilities.stage2() ? (int) StreamTableEntry.S2VMID.get(ste[2]) : 0;
        boolean stage2 = valid && config >= StreamTableEntry.CONFIG_S2;
        boolean overrides = capabilities.permissionOverrides()
                && ((StreamTableEntry.PRIVCFG.get(ste[1]) | StreamTableEntry.INSTCFG.get(ste[1])) & OVERRIDE_BIT) != 0;
        // Without substreams there is one descriptor, whatever the entry says.
        long word0 = capabilities.substreamBits() == 0 ? StreamTableEntry.S1CDMAX.clear(ste[0]) : ste[0];
        // Without ATS nobody may use it, whatever the entry says.
        long word1 = capabilities.ats() ? ste[1] : StreamTableEntry.EATS.clear(ste[1]);
        return new StreamEntry(valid, word0, word1, vmid, stage2 ? stage2(ste, config) : null, overrides);
    }

    private boolean isLegal(long[] ste, int config) {
        boolean stage1 = (config & 1) != 0;
        boolean stage2 = (config & 2) != 0;
        return (!stage1 || capabilities.stage1()) && (!stage2 || capabilities.stage2())
                && isAtsLegal(ste, config)
                && (!strwCounts(config) || (StreamTableEntry.STRW.get(ste[1]) & 1) == 0)
                && (!stage1 || isStage1Legal(ste, stage2))
                && (!stage2 || isStage2Legal(ste))
                && isVmidLegal(ste, config);
    }

    private boolean isAtsLegal(long[] ste, int config) {
        if (!capabilities.ats() || config == StreamTableEntry.CONFIG_BYPASS) {
            return true;
        }
        boolean stall = StreamTableEntry.S2S.isSet(ste[2]);
        return switch ((int) StreamTableEntry.EATS.get(ste[1])) {
            case StreamTableEntry.EATS_SPLIT ->
                config == StreamTableEntry.CONFIG_NESTED && !stall && capabilities.splitStageAts();
            case StreamTableEntry.EATS_FULL -> !stall || config < StreamTableEntry.CONFIG_S2;
            default -> true;
        };
    }

    /** Whether STRW chooses the regime: of stage 1 alone, where there is EL2. */
    private boolean strwCounts(int config) {
        return capabilities.stage1() && capabilities.hypervisor() && config == StreamTableEntry.CONFIG_S1;
    }

    private boolean isStage1Legal(long[] ste, boolean stage2) {
        if (StreamTableEntry.S1STALLD.isSet(ste[1]) && capabilities.stallModel() != Idr0Register.STALL_AND_TERMINATE) {
            return false;
        }
        long format = StreamTableEntry.S1FMT.get(ste[0]);
        int substreams = (int) StreamTableEntry.S1CDMAX.get(ste[0]);
        boolean twoLevel = format == StreamTableEntry.S1FMT_4K_L2 || format == StreamTableEntry.S1FMT_64K_L2;
        if (capabilities.substreamBits() > 0 && (substreams > capabilities.substreamBits()
                || substreams != 0 && twoLevel && !capabilities.twoLevelContexts())) {
            return false;
        }
        return StreamTableEntry.S1CONTEXTPTR.inPlace(ste[0]) >>> capabilities.outputBits() == 0;
    }

    private boolean isStage2Legal(long[] ste) {
        long word = ste[2];
        boolean stall = StreamTableEntry.S2S.isSet(word);
        if (stall && capabilities.stallModel() == Idr0Register.TERMINATE_ONLY
                || !stall && capabilities.stallModel() == Idr0Register.STALL_ONLY) {
            return false;
        }
        boolean access = StreamTableEntry.S2HA.isSet(word);
        boolean dirty = StreamTableEntry.S2HD.isSet(word);
        if ((access || dirty) && capabilities.httu() == Idr0Register.HTTU_NONE
                || dirty && capabilities.httu() == Idr0Register.HTTU_ACCESS) {
            return false;
        }
        int granule = Granule.ofTg0(StreamTableEntry.S2TG.get(word));
        return StreamTableEntry.S2AA64.isSet(word) && !StreamTableEntry.S2ENDI.isSet(word)
                && capabilities.granule(granule) && isStage2WidthLegal(word, granule)
                && StreamTableEntry.S2TTB.inPlace(ste[3]) >>> stage2OutputBits(word, granule) == 0;
    }

    private int stage2OutputBits(long word, int granule) {
        int bits = capabilities.outputBits(StreamTableEntry.S2PS.get(word));
        return granule == Granule.SHIFT_64K ? bits : Math.min(bits, 48);
    }

    private boolean isStage2WidthLegal(long word, int granule) {
        int width = (int) StreamTableEntry.S2T0SZ.get(word);
        int least = Math.max(granule == Granule.SHIFT_64K ? 12 : 16, 64 - capabilities.outputBits());
        if (width < least || width > Granule.largestTxsz(granule, capabilities.smallTables())) {
            return false;
        }
        int level = startLevel(StreamTableEntry.S2SL0.get(word), granule);
        int stride = granule - 3;
        int topBits = 64 - width - granule - stride * (3 - level);
        return level >= 0 && topBits >= 1 && topBits <= stride + 4;
    }

    /** The level where a walk starts; negative if SL0 is not possible (DDI 0487, AArch64.S2InvalidSL). */
    private int startLevel(long sl0, int granule) {
        int output = capabilities.outputBits();
        if (granule == Granule.SHIFT_4K) {
            return switch ((int) sl0) {
                case 0 -> 2;
                case 1 -> 1;
                case 2 -> output < 44 ? -1 : 0;
                default -> capabilities.smallTables() ? 3 : -1;
            };
        }
        return switch ((int) sl0) {
            case 0 -> 3;
            case 1 -> 2;
            case 2 -> output < (granule == Granule.SHIFT_16K ? 42 : 44) ? -1 : 1;
            default -> -1;
        };
    }

    private boolean isVmidLegal(long[] ste, int config) {
        boolean otherWorld = strwCounts(config) && StreamTableEntry.STRW.get(ste[1]) != StreamTableEntry.STRW_EL1;
        boolean ignored = !capabilities.stage2() || config == StreamTableEntry.CONFIG_BYPASS || otherWorld;
        return ignored || capabilities.vmid16() || StreamTableEntry.S2VMID.get(ste[2]) >>> 8 == 0;
    }

    private StageTables stage2(long[] ste, int config) {
        long word = ste[2];
        int granule = Granule.ofTg0(StreamTableEntry.S2TG.get(word));
        int inputBits = 64 - (int) StreamTableEntry.S2T0SZ.get(word);
        int level = startLevel(StreamTableEntry.S2SL0.get(word), granule);
        // Dirty state without access flag means neither.
        boolean access = StreamTableEntry.S2HA.isSet(word);
        int flags = StageTables.STAGE2 | StageTables.ABORT
                | (access ? StageTables.HA : 0)
                | (access && StreamTableEntry.S2HD.isSet(word) ? StageTables.HD : 0)
                | (StreamTableEntry.S2AFFD.isSet(word) ? StageTables.AFFD : 0)
                | (StreamTableEntry.S2PTW.isSet(word) && config == StreamTableEntry.CONFIG_NESTED ? StageTables.PTW : 0)
                | (capabilities.stage2ExecuteByLevel() ? StageTables.XNX : 0)
                | (StreamTableEntry.S2FWB.isSet(ste[1]) && capabilities.forcedWriteBack() ? StageTables.FWB : 0)
                | (StreamTableEntry.S2R.isSet(word) ? StageTables.RECORD : 0)
                | (StreamTableEntry.S2S.isSet(word) ? StageTables.STALL : 0);
        int topBits = inputBits - granule - (granule - 3) * (3 - level);
        long table = StreamTableEntry.S2TTB.inPlace(ste[3]) & -1L << topBits + 3;
        int vmid = (int) StreamTableEntry.S2VMID.get(word);
        return new StageTables(tags.of(Regime.STAGE2, vmid, 0), table, granule, level, inputBits,
                stage2OutputBits(word, granule), false, flags);
    }
}
