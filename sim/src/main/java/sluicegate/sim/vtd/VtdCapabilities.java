package sluicegate.sim.vtd;

import sluicegate.firmware.VtdFeatures;
import sluicegate.firmware.VtdScalable;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;

/**
 * What a unit can do: its capability registers, and what the parts of the model want to know of them.
 *
 * @param cap value of CAP_REG
 * @param ecap value of ECAP_REG
 * @param hostAddressWidth bits of a physical address, 12 to 52
 */
public record VtdCapabilities(long cap, long ecap, int hostAddressWidth) {
    /** VER_REG: architecture version 4.0. */
    static final int VERSION = 0x40;
    /** Place of the IOTLB registers and of the fault recording registers; the same as in QEMU. */
    private static final int IOTLB_OFFSET = 0xf0;
    private static final int FAULT_OFFSET = 0x220;
    private static final int MAX_ADDRESS_MASK = 18;
    private static final int MAX_INDEX_MASK = 15;
    private static final int MAX_HOST_ADDRESS_WIDTH = 52;

    public VtdCapabilities {
        if (hostAddressWidth < 12 || hostAddressWidth > MAX_HOST_ADDRESS_WIDTH) {
            throw new IllegalArgumentException("no physical address has " + hostAddressWidth + " bits");
        }
    }

    /**
     * The registers of a unit with such features.
     *
     * @param hostAddressWidth as the DMAR table says; more than 52 counts as 52
     */
    public static VtdCapabilities of(VtdFeatures features, int hostAddressWidth) {
        long cap = 0;
        cap = CapabilityRegister.ND.set(cap, (features.domainIdBits() - 4) / 2);
        cap = CapabilityRegister.RWBF.set(cap, bit(features.writeBufferFlush()));
        cap = CapabilityRegister.CM.set(cap, bit(features.cachingMode()));
        long sagaw = 0;
        for (var width : AddressWidth.values()) {
            sagaw |= bit(features.levels().contains(width.levels())) << width.code();
        }
        cap = CapabilityRegister.SAGAW.set(cap, sagaw);
        cap = CapabilityRegister.MGAW.set(cap, features.addressWidth() - 1);
        cap = CapabilityRegister.ZLR.set(cap, bit(features.zeroLengthRead()));
        cap = CapabilityRegister.FRO.set(cap, FAULT_OFFSET / 16);
        cap = CapabilityRegister.SSLPS.set(cap, bit(features.pages2M()) | bit(features.pages1G()) << 1);
        cap = CapabilityRegister.PSI.set(cap, bit(features.pageSelectiveInvalidation()));
        cap = CapabilityRegister.NFR.set(cap, features.faultRecords() - 1);
        cap = CapabilityRegister.MAMV.set(cap, features.pageSelectiveInvalidation() ? MAX_ADDRESS_MASK : 0);
        cap = CapabilityRegister.DWD.set(cap, bit(features.drain()));
        cap = CapabilityRegister.DRD.set(cap, bit(features.drain()));
        cap = CapabilityRegister.PLMR.set(cap, bit(features.protectedLowMemory()));
        cap = CapabilityRegister.PHMR.set(cap, bit(features.protectedHighMemory()));
        cap = CapabilityRegister.ESRTPS.set(cap, bit(features.enhancedRootPointer()));

        long ecap = 0;
        ecap = ExtendedCapabilityRegister.C.set(ecap, bit(features.coherent()));
        ecap = ExtendedCapabilityRegister.QI.set(ecap, bit(features.queuedInvalidation()));
        ecap = ExtendedCapabilityRegister.DT.set(ecap, bit(features.deviceIotlb()));
        ecap = ExtendedCapabilityRegister.PT.set(ecap, bit(features.passThrough()));
        ecap = ExtendedCapabilityRegister.SC.set(ecap, bit(features.snoopControl()));
        ecap = ExtendedCapabilityRegister.IRO.set(ecap, IOTLB_OFFSET / 16);
        cap = CapabilityRegister.FS5LP.set(cap, bit(features.scalable().fiveLevels()));
        cap = CapabilityRegister.FS1GP.set(cap, bit(features.scalable().firstStage1G()));
        ecap = ExtendedCapabilityRegister.NWFS.set(ecap, bit(features.deviceIotlb()));
        ecap |= scalable(features.scalable());
        var interrupts = features.interrupts();
        cap = CapabilityRegister.PI.set(cap, bit(interrupts.posting()));
        ecap = ExtendedCapabilityRegister.IR.set(ecap, bit(interrupts.remapping()));
        ecap = ExtendedCapabilityRegister.EIM.set(ecap, bit(interrupts.extendedMode()));
        ecap = ExtendedCapabilityRegister.MHMV.set(ecap, interrupts.remapping() ? MAX_INDEX_MASK : 0);
        return new VtdCapabilities(cap, ecap, Math.min(hostAddressWidth, MAX_HOST_ADDRESS_WIDTH));
    }

    private static long scalable(VtdScalable features) {
        long ecap = 0;
        ecap = ExtendedCapabilityRegister.SMTS.set(ecap, bit(features.supported()));
        ecap = ExtendedCapabilityRegister.FSTS.set(ecap, bit(features.firstStage()));
        ecap = ExtendedCapabilityRegister.SSTS.set(ecap, bit(features.secondStage()));
        ecap = ExtendedCapabilityRegister.NEST.set(ecap, bit(features.nested()));
        ecap = ExtendedCapabilityRegister.PASID.set(ecap, bit(features.pasidBits() > 0));
        ecap = ExtendedCapabilityRegister.PSS.set(ecap, Math.max(0, features.pasidBits() - 1));
        ecap = ExtendedCapabilityRegister.RPS.set(ecap, bit(features.ridPasid()));
        ecap = ExtendedCapabilityRegister.SSADS.set(ecap, bit(features.dirtyTracking()));
        ecap = ExtendedCapabilityRegister.EAFS.set(ecap, bit(features.extendedAccessed()));
        ecap = ExtendedCapabilityRegister.SRS.set(ecap, bit(features.supervisorRequests()));
        ecap = ExtendedCapabilityRegister.RPRIVS.set(ecap, bit(features.supervisorRequests()));
        ecap = ExtendedCapabilityRegister.ERS.set(ecap, bit(features.executeRequests()));
        ecap = ExtendedCapabilityRegister.SMPWCS.set(ecap, bit(features.snoopedWalks()));
        ecap = ExtendedCapabilityRegister.PRS.set(ecap, bit(features.pageRequests()));
        ecap = ExtendedCapabilityRegister.PDS.set(ecap, bit(features.pageRequests()));
        return ExtendedCapabilityRegister.ADMS.set(ecap, bit(features.abortMode()));
    }

    private static long bit(boolean set) {
        return set ? 1 : 0;
    }

    /** Whether a bit of ECAP_REG is set. */
    boolean has(Field capability) {
        return capability.isSet(ecap);
    }

    boolean cachingMode() {
        return CapabilityRegister.CM.isSet(cap);
    }

    boolean zeroLengthRead() {
        return CapabilityRegister.ZLR.isSet(cap);
    }

    boolean pageSelective() {
        return CapabilityRegister.PSI.isSet(cap);
    }

    int maxAddressMask() {
        return (int) CapabilityRegister.MAMV.get(cap);
    }

    int guestAddressWidth() {
        return CapabilityRegister.guestAddressWidth(cap);
    }

    boolean protectedLowMemory() {
        return CapabilityRegister.PLMR.isSet(cap);
    }

    boolean protectedHighMemory() {
        return CapabilityRegister.PHMR.isSet(cap);
    }

    boolean enhancedRootPointer() {
        return CapabilityRegister.ESRTPS.isSet(cap);
    }

    boolean deviceTlb() {
        return ExtendedCapabilityRegister.DT.isSet(ecap);
    }

    boolean passThrough() {
        return ExtendedCapabilityRegister.PT.isSet(ecap);
    }

    boolean snoopControl() {
        return ExtendedCapabilityRegister.SC.isSet(ecap);
    }

    boolean queuedInvalidation() {
        return ExtendedCapabilityRegister.QI.isSet(ecap);
    }

    boolean interruptRemapping() {
        return ExtendedCapabilityRegister.IR.isSet(ecap);
    }

    boolean extendedInterruptMode() {
        return ExtendedCapabilityRegister.EIM.isSet(ecap);
    }

    boolean interruptPosting() {
        return CapabilityRegister.PI.isSet(cap);
    }

    int maxIndexMask() {
        return (int) ExtendedCapabilityRegister.MHMV.get(ecap);
    }

    boolean pageRequests() {
        return ExtendedCapabilityRegister.PRS.isSet(ecap);
    }

    boolean wideDescriptors() {
        return ExtendedCapabilityRegister.SMTS.isSet(ecap) || ExtendedCapabilityRegister.ADMS.isSet(ecap);
    }

    /** Whether a translation request can say that it is not about writing; otherwise that is ignored. */
    boolean noWriteRequests() {
        return ExtendedCapabilityRegister.NWFS.isSet(ecap);
    }

    /** Bits of a PASID that the unit looks at. */
    int pasidBits() {
        return ExtendedCapabilityRegister.pasidWidth(ecap);
    }

    /** The greatest address of the second stage, as a width in bits. */
    int secondStageWidth(int levels) {
        return Math.min(guestAddressWidth(), 12 + 9 * levels);
    }

    /** The bits of a 64-bit word that no physical address of this platform has. */
    long beyondHostAddress() {
        return -1L << hostAddressWidth;
    }
}
