package sluicegate.sim.amdvi;

import sluicegate.firmware.AmdviFeatures;
import sluicegate.firmware.AmdviFlag;
import sluicegate.spec.Field;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.ExtendedFeature2Register;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.IommuCapability;
import sluicegate.spec.amdvi.VirtualInterruptEntry;

/**
 * What a unit says about itself, and with that what it does.
 *
 * @param features the extended feature register
 * @param features2 the extended feature 2 register
 * @param header the header of its capability block
 */
public record AmdviCapabilities(long features, long features2, long header) {

    private static final int SPECIFICATION_REVISION = 1;

    /** A unit with the features of a machine description. What the model does not have is left out. */
    public static AmdviCapabilities of(AmdviFeatures described) {
        long features = 0;
        features = ExtendedFeatureRegister.PREFSUP.set(features, bit(described, AmdviFlag.PREFETCH));
        features = ExtendedFeatureRegister.PPRSUP.set(features, bit(described, AmdviFlag.PAGE_REQUESTS));
        features = ExtendedFeatureRegister.XTSUP.set(features, bit(described, AmdviFlag.X2APIC));
        features = ExtendedFeatureRegister.NXSUP.set(features, bit(described, AmdviFlag.NO_EXECUTE));
        features = ExtendedFeatureRegister.GTSUP.set(features, bit(described, AmdviFlag.GUEST_TRANSLATION));
        features = ExtendedFeatureRegister.IASUP.set(features, bit(described, AmdviFlag.INVALIDATE_ALL));
        features = ExtendedFeatureRegister.GASUP.set(features, bit(described, AmdviFlag.GUEST_APIC));
        features = ExtendedFeatureRegister.GAMSUP.set(features,
                described.has(AmdviFlag.GUEST_APIC) ? VirtualInterruptEntry.MODE_VIRTUAL_APIC : 0);
        features = ExtendedFeatureRegister.HESUP.set(features, bit(described, AmdviFlag.HARDWARE_ERROR));
        features = ExtendedFeatureRegister.USSUP.set(features, bit(described, AmdviFlag.USER_SUPERVISOR));
        features = ExtendedFeatureRegister.PPROVRFLWEARLYSUP.set(features, bit(described, AmdviFlag.PPR_OVERFLOW_EARLY));
        features = ExtendedFeatureRegister.PPRAUTORSPSUP.set(features, bit(described, AmdviFlag.PPR_AUTO_RESPONSE));
        features = ExtendedFeatureRegister.BLKSTOPMRKSUP.set(features, bit(described, AmdviFlag.BLOCK_STOP_MARKERS));
        features = ExtendedFeatureRegister.MSICAPMMIOSUP.set(features, bit(described, AmdviFlag.MSI_REGISTERS));
        features = ExtendedFeatureRegister.GIOSUP.set(features, bit(described, AmdviFlag.GUEST_IO_PROTECTION));
        features = ExtendedFeatureRegister.HASUP.set(features, bit(described, AmdviFlag.HOST_ACCESSED));
        features = ExtendedFeatureRegister.EPHSUP.set(features, bit(described, AmdviFlag.ENHANCED_PPR));
        features = ExtendedFeatureRegister.ATTRFWSUP.set(features, bit(described, AmdviFlag.ATTRIBUTE_FORWARDING));
        features = ExtendedFeatureRegister.HDSUP.set(features, bit(described, AmdviFlag.HOST_DIRTY));
        features = ExtendedFeatureRegister.HATS.set(features, described.hostLevels() - 4);
        features = ExtendedFeatureRegister.GATS.set(features, described.guestLevels() - 4);
        features = ExtendedFeatureRegister.GLXSUP.set(features, described.guestCr3Levels() - 1);
        features = ExtendedFeatureRegister.PASMAX.set(features, Math.max(0, described.pasidBits() - 1));
        features = ExtendedFeatureRegister.DEVTBLSEGSUP.set(features,
                Integer.numberOfTrailingZeros(described.deviceTableSegments()));
        long header = IommuCapability.CAPID.set(0, IommuCapability.ID);
        header = IommuCapability.CAPTYPE.set(header, IommuCapability.TYPE_IOMMU);
        header = IommuCapability.CAPREV.set(header, SPECIFICATION_REVISION);
        header = IommuCapability.EFRSUP.set(header, 1);
        header = IommuCapability.IOTLBSUP.set(header, bit(described, AmdviFlag.IOTLB));
        header = IommuCapability.NPCACHE.set(header, bit(described, AmdviFlag.NOT_PRESENT_CACHE));
        long features2 = ExtendedFeature2Register.GCR3TRPMODESUP.set(0, bit(described, AmdviFlag.GCR3_GUEST_ADDRESS));
        features2 = ExtendedFeature2Register.NUMINTREMAPSUP.set(features2,
                described.has(AmdviFlag.INTERRUPTS_2K) ? ControlRegister.NUMINTREMAPMODE_2K : 0);
        features2 = ExtendedFeature2Register.HTRANGEIGNORE.set(features2, bit(described, AmdviFlag.HT_RANGE_IGNORE));
        return new AmdviCapabilities(features, features2, header);
    }

    private static long bit(AmdviFeatures described, AmdviFlag flag) {
        return described.has(flag) ? 1 : 0;
    }

    /** Whether the extended feature register has a bit set. */
    boolean has(Field feature) {
        return feature.isSet(features);
    }

    /** Whether interrupts may be for virtual processors. */
    boolean virtualInterrupts() {
        return has(ExtendedFeatureRegister.GASUP)
                && ExtendedFeatureRegister.GAMSUP.get(features) == VirtualInterruptEntry.MODE_VIRTUAL_APIC;
    }

    /** Whether the index of an interrupt may have 11 bits. */
    boolean manyInterrupts() {
        return ExtendedFeature2Register.NUMINTREMAPSUP.get(features2) >= ControlRegister.NUMINTREMAPMODE_2K;
    }

    boolean deviceTlbs() {
        return IommuCapability.IOTLBSUP.isSet(header);
    }

    boolean cachesNotPresent() {
        return IommuCapability.NPCACHE.isSet(header);
    }

    /** Levels of the deepest host table; the reserved code counts as none. */
    int hostLevels() {
        return ExtendedFeatureRegister.hostLevels(features);
    }

    /** Levels of the deepest guest table. */
    int guestLevels() {
        // Reserved codes are reported by QEMU, whose guest tables nobody uses.
        return Math.max(4, ExtendedFeatureRegister.guestLevels(features));
    }

    /** Levels of the deepest GCR3 table. */
    int gcr3Levels() {
        return ExtendedFeatureRegister.gcr3Levels(features);
    }

    /** Bits of a PASID, 0 without guest translation. */
    int pasidBits() {
        return has(ExtendedFeatureRegister.GTSUP) ? Math.min(20, ExtendedFeatureRegister.pasidBits(features)) : 0;
    }

    /** Into how many segments the device table can be divided, as a power of two. */
    int segmentBits() {
        return (int) ExtendedFeatureRegister.DEVTBLSEGSUP.get(features);
    }
}
