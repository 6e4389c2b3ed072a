package sluicegate.hw.vtd;

import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FirstStageMode;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.VersionRegister;

/**
 * What a unit can do, from VER_REG, CAP_REG and ECAP_REG (sections 11.4.1 to 11.4.3; the kernel's {@code alloc_iommu}).
 *
 * @param cap raw CAP_REG
 * @param ecap raw ECAP_REG
 * @param width of the second-stage tables that the driver builds: the smallest that holds every guest address, else the
 *     largest that the unit can walk
 * @param maxWidth the largest that the unit can walk; a pass-through entry has to name it
 * @param scalable whether the driver uses the unit in scalable mode
 */
record VtdCapabilities(long cap, long ecap, AddressWidth width, AddressWidth maxWidth, boolean scalable) {

    /**
     * Reads and checks the capabilities.
     *
     * @param mayScale whether scalable mode is welcome where the unit has it
     * @throws IommuException ENODEV if they are those of no unit, or of one without second-stage translation
     */
    static VtdCapabilities read(String unit, RegisterWindow window, boolean mayScale) {
        long version = Integer.toUnsignedLong(window.read32(VersionRegister.OFFSET));
        long cap = window.read64(CapabilityRegister.OFFSET);
        long ecap = window.read64(ExtendedCapabilityRegister.OFFSET);
        if (cap == -1L && ecap == -1L) {
            throw refused(unit, "CAP_REG and ECAP_REG read as all ones: there is no unit at this address");
        }
        if (VersionRegister.MAX.get(version) == 0) {
            throw refused(unit, "VER_REG is " + Hex.of(version) + ": no VT-d unit has the major version 0");
        }
        AddressWidth largest = null;
        AddressWidth fitting = null;
        for (AddressWidth width : AddressWidth.values()) {
            if (CapabilityRegister.supports(cap, width)) {
                largest = width;
                if (fitting == null && width.bits() >= CapabilityRegister.guestAddressWidth(cap)) {
                    fitting = width;
                }
            }
        }
        if (largest == null) {
            throw refused(unit, "CAP_REG.SAGAW is " + Hex.of(CapabilityRegister.SAGAW.get(cap))
                    + ": no second-stage table of 3, 4 or 5 levels can be walked");
        }
        int records = FaultRecord.offset(cap, CapabilityRegister.faultRecordingCount(cap));
        if (records > window.size() || ExtendedCapabilityRegister.iotlbInvalidateOffset(ecap) + Long.BYTES > window.size()) {
            throw refused(unit, "CAP_REG.FRO or ECAP_REG.IRO leads outside the register window of " + Hex.of(window.size()));
        }
        return new VtdCapabilities(cap, ecap, fitting == null ? largest : fitting, largest,
                mayScale && canScale(ecap));
    }

    /** Mode of the tables that the driver writes, as {@link RootTableAddressRegister#TTM} has it. */
    int tableMode() {
        return scalable ? RootTableAddressRegister.SCALABLE_MODE : RootTableAddressRegister.LEGACY_MODE;
    }

    /** The caches of scalable mode can be invalidated by queue only (6.5). */
    private static boolean canScale(long ecap) {
        return ExtendedCapabilityRegister.SMTS.isSet(ecap) && ExtendedCapabilityRegister.QI.isSet(ecap)
                && (ExtendedCapabilityRegister.SSTS.isSet(ecap) || ExtendedCapabilityRegister.FSTS.isSet(ecap));
    }

    private static IommuException refused(String unit, String why) {
        return new IommuException(Errno.ENODEV, unit + ": " + why + "; the driver leaves it alone");
    }

    /** Width in bits of the IOVAs that second-stage tables can map: what they resolve and the unit accepts (MGAW). */
    int apertureBits() {
        return Math.min(width.bits(), CapabilityRegister.guestAddressWidth(cap));
    }

    /** Page sizes of the second stage, as a sum of powers of two. */
    long pageSizes() {
        return 1L << 12
                | (CapabilityRegister.supports2M(cap) ? 1L << 21 : 0)
                | (CapabilityRegister.supports1G(cap) ? 1L << 30 : 0);
    }

    int domainIds() {
        return CapabilityRegister.domainCount(cap);
    }

    /** Entries that are not present may be cached, under domain id 0 or the domain's own. */
    boolean cachingMode() {
        return CapabilityRegister.CM.isSet(cap);
    }

    boolean writeBufferFlush() {
        return CapabilityRegister.RWBF.isSet(cap);
    }

    boolean pageSelective() {
        return CapabilityRegister.PSI.isSet(cap);
    }

    /** Largest power of two of pages that one page-selective invalidation covers. */
    int maxAddressMask() {
        return (int) CapabilityRegister.MAMV.get(cap);
    }

    boolean drainReads() {
        return CapabilityRegister.DRD.isSet(cap);
    }

    boolean drainWrites() {
        return CapabilityRegister.DWD.isSet(cap);
    }

    /** There are ranges that firmware may have protected from all DMA. */
    boolean protectedMemory() {
        return CapabilityRegister.PLMR.isSet(cap) || CapabilityRegister.PHMR.isSet(cap);
    }

    /** Two ranges can be protected, so that together they cover all addresses. */
    boolean protectsAllMemory() {
        return CapabilityRegister.PLMR.isSet(cap) && CapabilityRegister.PHMR.isSet(cap);
    }

    /** The root table may be replaced by one of another mode while translation is on (RTADDR_REG.TTM, 11.4.5). */
    boolean changesModeInFlight() {
        return CapabilityRegister.ESRTPS.isSet(cap);
    }

    int faultRecords() {
        return CapabilityRegister.faultRecordingCount(cap);
    }

    boolean queuedInvalidation() {
        return ExtendedCapabilityRegister.QI.isSet(ecap);
    }

    boolean passThrough() {
        return ExtendedCapabilityRegister.PT.isSet(ecap);
    }

    boolean snoopControl() {
        return ExtendedCapabilityRegister.SC.isSet(ecap);
    }

    boolean deviceTlb() {
        return ExtendedCapabilityRegister.DT.isSet(ecap);
    }

    private boolean scalableWith(Field capability) {
        return scalable && capability.isSet(ecap);
    }

    boolean firstStage() {
        return scalableWith(ExtendedCapabilityRegister.FSTS);
    }

    boolean secondStage() {
        return !scalable || ExtendedCapabilityRegister.SSTS.isSet(ecap);
    }

    boolean nesting() {
        return scalableWith(ExtendedCapabilityRegister.NEST);
    }

    /** Whether the second stage keeps dirty bits. */
    boolean dirtyTracking() {
        return scalableWith(ExtendedCapabilityRegister.SSADS);
    }

    /** Width of a PASID, 0 without PASIDs. */
    int pasidBits() {
        return scalableWith(ExtendedCapabilityRegister.PASID) ? ExtendedCapabilityRegister.pasidWidth(ecap) : 0;
    }

    /** Depth of the first-stage tables that the driver builds: a fifth level only where addresses are that wide. */
    FirstStageMode firstStageMode() {
        boolean wide = CapabilityRegister.guestAddressWidth(cap) > FirstStageMode.LEVELS_4.bits();
        return wide && fiveLevels() ? FirstStageMode.LEVELS_5 : FirstStageMode.LEVELS_4;
    }

    /** Width in bits of a canonical address. */
    int canonicalBits() {
        return (fiveLevels() ? FirstStageMode.LEVELS_5 : FirstStageMode.LEVELS_4).bits();
    }

    boolean fiveLevels() {
        return CapabilityRegister.FS5LP.isSet(cap);
    }

    /** Width in bits of the IOVAs that first-stage tables can map: the lower canonical half, and MGAW (3.6). */
    int firstStageApertureBits(FirstStageMode mode) {
        return Math.min(mode.bits() - 1, CapabilityRegister.guestAddressWidth(cap));
    }

    /**
     * Whether the unit can walk the tables of a processor's address space: all addresses that those can map, and their pages of any
     * size ({@code intel_svm_check}).
     */
    boolean canShare(FirstStageMode mode) {
        return firstStage() && pasidBits() != 0 && CapabilityRegister.FS1GP.isSet(cap)
                && (mode == FirstStageMode.LEVELS_4 || fiveLevels()) && firstStageApertureBits(mode) == mode.bits() - 1;
    }

    /** Page sizes of the first stage, as a sum of powers of two. */
    long firstStagePageSizes() {
        return 1L << 12 | 1L << 21 | (CapabilityRegister.FS1GP.isSet(cap) ? 1L << 30 : 0);
    }

    /** Whether devices may ask for translations: only an invalidation queue takes what they have to forget. */
    boolean translationRequests() {
        return deviceTlb() && queuedInvalidation();
    }

    boolean pageRequests() {
        return scalableWith(ExtendedCapabilityRegister.PRS);
    }

    /** Whether a wait descriptor can drain page requests. */
    boolean drainsPageRequests() {
        return ExtendedCapabilityRegister.PDS.isSet(ecap);
    }

    /** Whether walks snoop only where a PASID entry says so. */
    boolean snoopedWalks() {
        return scalableWith(ExtendedCapabilityRegister.SMPWCS);
    }

    boolean supervisorRequests() {
        return scalableWith(ExtendedCapabilityRegister.SRS);
    }

    /** Whether requests may ask for execute permission. */
    boolean executeRequests() {
        return scalableWith(ExtendedCapabilityRegister.ERS);
    }

    boolean extendedAccessed() {
        return scalableWith(ExtendedCapabilityRegister.EAFS);
    }

    /** Whether invalidations of device TLBs have to name the physical function of a virtual one. */
    boolean throttlesByPhysicalFunction() {
        return ExtendedCapabilityRegister.DIT.isSet(ecap);
    }
}
