package sluicegate.sim.smmuv3;

import sluicegate.sim.smmuv3.AddressSpaceTags.Regime;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** What a context descriptor says, and whether it is illegal (5.4.2). Stateless. */
final class ContextDecoder {
    private static final int ATTRIBUTES = 8;

    private final Smmuv3Capabilities capabilities;
    private final AddressSpaceTags tags;

    ContextDecoder(Smmuv3Capabilities capabilities, AddressSpaceTags tags) {
        this.capabilities = capabilities;
        this.tags = tags;
    }

    /**
     * @param stream through which it was reached
     * @param cd its first four words
     * @param e2h SMMU_CR2.E2H
     */
    Configuration decode(StreamEntry stream, long[] cd, boolean e2h) {
        var regime = regime(stream, e2h);
        boolean lowWalks = regime == Regime.EL2 || !ContextDescriptor.EPD0.isSet(cd[0]);
        boolean highWalks = regime != Regime.EL2 && !ContextDescriptor.EPD1.isSet(cd[0]);
        int lowGranule = Granule.ofTg0(ContextDescriptor.TG0.get(cd[0]));
        int highGranule = Granule.ofTg1(ContextDescriptor.TG1.get(cd[0]));
        long lowTable = ContextDescriptor.TTB0.inPlace(cd[1]);
        long highTable = ContextDescriptor.TTB1.inPlace(cd[2]);
        if (!isLegal(stream, cd, regime)
                || lowWalks && !areTablesLegal(cd, (int) ContextDescriptor.T0SZ.get(cd[0]), lowGranule, lowTable)
                || highWalks && !areTablesLegal(cd, (int) ContextDescriptor.T1SZ.get(cd[0]), highGranule, highTable)) {
            return Configuration.error(stream, EventType.C_BAD_CD);
        }
        int vmid = regime == Regime.EL1 ? stream.vmid() : 0;
        int asid = regime == Regime.EL2 ? 0 : (int) ContextDescriptor.ASID.get(cd[0]);
        int tag = tags.of(stream.stage2() == null ? regime : Regime.NESTED, vmid, asid);
        int flags = flags(cd, regime);
        int lowFlags = flags | (ContextDescriptor.TBI0.isSet(cd[0]) ? StageTables.TBI : 0)
                | (capabilities.hierarchyDisable() && ContextDescriptor.HAD0.isSet(cd[1]) ? StageTables.HAD : 0);
        int highFlags = flags | (ContextDescriptor.TBI1.isSet(cd[0]) ? StageTables.TBI : 0)
                | (capabilities.hierarchyDisable() && ContextDescriptor.HAD1.isSet(cd[2]) ? StageTables.HAD : 0);
        return Configuration.translate(stream, flags,
                lowWalks ? tables(cd, tag, lowTable, lowGranule, ContextDescriptor.T0SZ.get(cd[0]), false, lowFlags) : null,
                highWalks ? tables(cd, tag, highTable, highGranule, ContextDescriptor.T1SZ.get(cd[0]), true, highFlags) : null);
    }

    private Regime regime(StreamEntry stream, boolean e2h) {
        boolean el2 = capabilities.hypervisor() && stream.config() == StreamTableEntry.CONFIG_S1
                && stream.world() == StreamTableEntry.STRW_EL2;
        if (!el2) {
            return Regime.EL1;
        }
        return e2h ? Regime.EL2_E2H : Regime.EL2;
    }

    private boolean isLegal(StreamEntry stream, long[] cd, Regime regime) {
        boolean stall = ContextDescriptor.S.isSet(cd[0]);
        boolean access = ContextDescriptor.HA.isSet(cd[0]);
        boolean dirty = ContextDescriptor.HD.isSet(cd[0]);
        return ContextDescriptor.V.isSet(cd[0])
                && !(stream.stallsDisabled() && stall)
                && !(capabilities.alwaysAborts() && !ContextDescriptor.A.isSet(cd[0]))
                && !(stall && capabilities.stallModel() == Idr0Register.TERMINATE_ONLY)
                && !(!stall && capabilities.stallModel() == Idr0Register.STALL_ONLY)
                && !ContextDescriptor.ENDI.isSet(cd[0])
                && ContextDescriptor.AA64.isSet(cd[0])
                && !((access || dirty) && capabilities.httu() == Idr0Register.HTTU_NONE)
                && !(dirty && capabilities.httu() == Idr0Register.HTTU_ACCESS)
                && (regime == Regime.EL2 || capabilities.asid16() || ContextDescriptor.ASID.get(cd[0]) >>> 8 == 0);
    }

    private boolean areTablesLegal(long[] cd, int txsz, int granule, long table) {
        if (!capabilities.granule(granule) || txsz < 64 - capabilities.virtualBits(granule)
                || txsz > Granule.largestTxsz(granule, capabilities.smallTables())) {
            return false;
        }
        return table >>> outputBits(cd, granule) == 0;
    }

    private int outputBits(long[] cd, int granule) {
        int bits = capabilities.outputBits(ContextDescriptor.IPS.get(cd[0]));
        return granule == Granule.SHIFT_64K ? bits : Math.min(bits, 48);
    }

    private StageTables tables(long[] cd, int tag, long table, int granule, long txsz, boolean high, int flags) {
        int inputBits = 64 - (int) txsz;
        int stride = granule - 3;
        int level = 3 - (inputBits - 1 - granule) / stride;
        int topBits = inputBits - granule - stride * (3 - level);
        return new StageTables(tag, table & -1L << topBits + 3, granule, level, inputBits, outputBits(cd, granule), high, flags);
    }

    private int flags(long[] cd, Regime regime) {
        boolean access = ContextDescriptor.HA.isSet(cd[0]);
        int flags = (access ? StageTables.HA : 0)
                | (access && ContextDescriptor.HD.isSet(cd[0]) ? StageTables.HD : 0)
                | (ContextDescriptor.AFFD.isSet(cd[0]) ? StageTables.AFFD : 0)
                | (ContextDescriptor.WXN.isSet(cd[0]) ? StageTables.WXN : 0)
                | (ContextDescriptor.PAN.isSet(cd[0]) && regime != Regime.EL2 ? StageTables.PAN : 0)
                | (regime == Regime.EL2 ? StageTables.EL2 : 0)
                | (ContextDescriptor.A.isSet(cd[0]) ? StageTables.ABORT : 0)
                | (ContextDescriptor.R.isSet(cd[0]) ? StageTables.RECORD : 0)
                | (ContextDescriptor.S.isSet(cd[0]) ? StageTables.STALL : 0);
        for (int i = 0; i < ATTRIBUTES; i++) {
            // Memory of a device type: the upper four bits of the attribute are zero.
            if ((cd[3] >>> 8 * i & 0xf0) == 0) {
                flags |= 1 << StageTables.DEVICE_SHIFT + i;
            }
        }
        return flags;
    }
}
