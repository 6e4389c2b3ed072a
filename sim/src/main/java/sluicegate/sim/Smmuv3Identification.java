package sluicegate.sim;

import java.util.Arrays;
import sluicegate.firmware.Smmuv3Features;
import sluicegate.firmware.Smmuv3Flag;
import sluicegate.sim.smmuv3.Smmuv3Capabilities;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.Idr5Register;

/** The identification registers of an SMMUv3 with the features of a machine description. */
final class Smmuv3Identification {
    /** Minor architecture revision with everything that a description can ask for but enhanced command queues: SMMUv3.2. */
    private static final int REVISION = 2;
    /** Transactions that can be stalled at a time. */
    private static final int STALLS = 64;

    private Smmuv3Identification() {}

    /** @throws sluicegate.api.types.IommuException EINVAL if there is no model of such a unit */
    static Smmuv3Capabilities of(Smmuv3Features features) {
        var plain = new Smmuv3Capabilities(idr0(features), idr1(features), idr3(features), idr5(features), REVISION);
        return features.has(Smmuv3Flag.ENHANCED_COMMAND_QUEUES)
                ? plain.withEnhancedQueues(features.controlPageBits(), features.controlPageQueueBits()) : plain;
    }

    private static long idr0(Smmuv3Features features) {
        long idr0 = 0;
        idr0 = Idr0Register.S1P.set(idr0, bit(features, Smmuv3Flag.STAGE_1));
        idr0 = Idr0Register.S2P.set(idr0, bit(features, Smmuv3Flag.STAGE_2));
        idr0 = Idr0Register.TTF.set(idr0, Idr0Register.TTF_AARCH64);
        idr0 = Idr0Register.COHACC.set(idr0, bit(features, Smmuv3Flag.COHERENT));
        idr0 = Idr0Register.BTM.set(idr0, bit(features, Smmuv3Flag.BROADCAST_TLB));
        idr0 = Idr0Register.HTTU.set(idr0, switch (features.updates()) {
            case NONE -> Idr0Register.HTTU_NONE;
            case ACCESS -> Idr0Register.HTTU_ACCESS;
            case DIRTY -> Idr0Register.HTTU_ACCESS_DIRTY;
        });
        idr0 = Idr0Register.HYP.set(idr0, bit(features, Smmuv3Flag.HYPERVISOR));
        idr0 = Idr0Register.ATS.set(idr0, bit(features, Smmuv3Flag.ATS));
        boolean oneStageOnly = features.has(Smmuv3Flag.ATS) && !features.has(Smmuv3Flag.SPLIT_STAGE_ATS);
        idr0 = Idr0Register.NS1ATS.set(idr0, oneStageOnly ? 1 : 0);
        idr0 = Idr0Register.ASID16.set(idr0, bit(features, Smmuv3Flag.ASID_16));
        idr0 = Idr0Register.MSI.set(idr0, bit(features, Smmuv3Flag.MSI));
        idr0 = Idr0Register.SEV.set(idr0, bit(features, Smmuv3Flag.SEV));
        idr0 = Idr0Register.PRI.set(idr0, bit(features, Smmuv3Flag.PRI));
        idr0 = Idr0Register.VMID16.set(idr0, bit(features, Smmuv3Flag.VMID_16));
        idr0 = Idr0Register.CD2L.set(idr0, bit(features, Smmuv3Flag.TWO_LEVEL_CONTEXTS));
        idr0 = Idr0Register.TTENDIAN.set(idr0, Idr0Register.LITTLE_ENDIAN);
        idr0 = Idr0Register.STALL_MODEL.set(idr0, switch (features.stalls()) {
            case NEVER -> Idr0Register.TERMINATE_ONLY;
            case CHOICE -> Idr0Register.STALL_AND_TERMINATE;
            case ALWAYS -> Idr0Register.STALL_ONLY;
        });
        idr0 = Idr0Register.TERM_MODEL.set(idr0, bit(features, Smmuv3Flag.ALWAYS_ABORT));
        return Idr0Register.ST_LEVEL.set(idr0, bit(features, Smmuv3Flag.TWO_LEVEL_STREAMS));
    }

    private static long idr1(Smmuv3Features features) {
        long idr1 = 0;
        idr1 = Idr1Register.SIDSIZE.set(idr1, features.streamBits());
        idr1 = Idr1Register.SSIDSIZE.set(idr1, features.substreamBits());
        idr1 = Idr1Register.PRIQS.set(idr1, features.has(Smmuv3Flag.PRI) ? features.priQueueBits() : 0);
        idr1 = Idr1Register.EVENTQS.set(idr1, features.eventQueueBits());
        idr1 = Idr1Register.CMDQS.set(idr1, features.commandQueueBits());
        idr1 = Idr1Register.ATTR_PERMS_OVR.set(idr1, bit(features, Smmuv3Flag.PERMISSION_OVERRIDE));
        return Idr1Register.ATTR_TYPES_OVR.set(idr1, bit(features, Smmuv3Flag.TYPE_OVERRIDE));
    }

    private static long idr3(Smmuv3Features features) {
        long idr3 = 0;
        idr3 = Idr3Register.HAD.set(idr3, bit(features, Smmuv3Flag.HIERARCHY_DISABLE));
        idr3 = Idr3Register.XNX.set(idr3, bit(features, Smmuv3Flag.EXECUTE_NEVER_BY_LEVEL));
        idr3 = Idr3Register.PPS.set(idr3, bit(features, Smmuv3Flag.PRI_RESPONSE_PASID));
        idr3 = Idr3Register.FWB.set(idr3, bit(features, Smmuv3Flag.FORCED_WRITE_BACK));
        idr3 = Idr3Register.STT.set(idr3, bit(features, Smmuv3Flag.SMALL_TABLES));
        idr3 = Idr3Register.RIL.set(idr3, bit(features, Smmuv3Flag.RANGE_INVALIDATION));
        return Idr3Register.BBML.set(idr3, features.breakBeforeMake());
    }

    private static long idr5(Smmuv3Features features) {
        long idr5 = 0;
        idr5 = Idr5Register.GRAN4K.set(idr5, features.granuleShifts().contains(12) ? 1 : 0);
        idr5 = Idr5Register.GRAN16K.set(idr5, features.granuleShifts().contains(14) ? 1 : 0);
        idr5 = Idr5Register.GRAN64K.set(idr5, features.granuleShifts().contains(16) ? 1 : 0);
        idr5 = Idr5Register.OAS.set(idr5, Arrays.stream(AddressSize.values())
                .filter(size -> size.bits() == features.outputBits()).findFirst().orElseThrow().code());
        idr5 = Idr5Register.VAX.set(idr5, features.virtualBits() > 48 ? 1 : 0);
        return Idr5Register.STALL_MAX.set(idr5, features.stalls() == Smmuv3Features.Stalls.NEVER ? 0 : STALLS);
    }

    private static long bit(Smmuv3Features features, Smmuv3Flag flag) {
        return features.has(flag) ? 1 : 0;
    }
}
