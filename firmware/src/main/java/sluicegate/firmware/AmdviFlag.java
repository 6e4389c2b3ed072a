package sluicegate.firmware;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What an AMD IOMMU has or has not. The setting is the name in lower case with dashes: {@code amdvi.guest-translation}.
 */
public enum AmdviFlag {
    /** PREFETCH_IOMMU_PAGES command (PreFSup). */
    PREFETCH(false),
    /** Page requests (PPRSup). */
    PAGE_REQUESTS(false),
    /** x2APIC interrupts (XTSup). */
    X2APIC(false),
    /** No-execute protection (NXSup). */
    NO_EXECUTE(false),
    /** Guest tables (GTSup). */
    GUEST_TRANSLATION(false),
    /** INVALIDATE_IOMMU_ALL command (IASup). */
    INVALIDATE_ALL(true),
    /** Interrupts for virtual processors, and their log (GASup, GAMSup). */
    GUEST_APIC(false),
    /** Hardware error registers (HESup). */
    HARDWARE_ERROR(false),
    /** Performance counters (PCSup). */
    PERFORMANCE_COUNTERS(false),
    /** User and supervisor pages of guest tables (USSup). */
    USER_SUPERVISOR(false),
    /** Early warning of an overflow of the page request log (PprOvrflwEarlySup). */
    PPR_OVERFLOW_EARLY(false),
    /** Page requests answered by hardware when the log is full (PprAutoRspSup). */
    PPR_AUTO_RESPONSE(false),
    /** Stop markers kept out of the page request log (BlkStopMrkSup). */
    BLOCK_STOP_MARKERS(false),
    /** Interrupt registers in the register window (MsiCapMmioSup). */
    MSI_REGISTERS(false),
    /** Requests without a PASID through a guest table (GIOSup). */
    GUEST_IO_PROTECTION(false),
    /** Accessed bits of host tables set by hardware (HASup). */
    HOST_ACCESSED(false),
    /** Enhanced handling of page requests (EPHSup). */
    ENHANCED_PPR(false),
    /** Attributes of pages forwarded (AttrFWSup). */
    ATTRIBUTE_FORWARDING(false),
    /** Dirty bits of host tables set by hardware (HDSup). */
    HOST_DIRTY(false),
    /** The table of PASIDs may be at an address of a guest (GCR3TRPModeSup of the second register), as nested domains need. */
    GCR3_GUEST_ADDRESS(false),
    /** Up to 2048 remapped interrupts of a device (NumIntRemapSup of the second register). */
    INTERRUPTS_2K(false),
    /** The address range of HyperTransport is one as any other (HtRangeIgnore of the second register). */
    HT_RANGE_IGNORE(false),
    /** Invalidation of the device's IOTLB by type (InvIotlbTypeSup). */
    INVALIDATE_IOTLB_TYPE(false),
    /** Devices may have caches of translations (IotlbSup of the capability). */
    IOTLB(true),
    /** It caches entries that are not present (NpCache of the capability). */
    NOT_PRESENT_CACHE(false),
    /** Table walks are coherent with the caches (Coherent of IVHD). */
    COHERENT(true);

    /** What a unit has of which nothing is said. */
    static final Set<AmdviFlag> DEFAULTS = defaults();

    private final boolean usual;

    AmdviFlag(boolean usual) {
        this.usual = usual;
    }

    /** Name of the setting, without what comes before the dot. */
    public String setting() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Set<AmdviFlag> defaults() {
        var flags = EnumSet.noneOf(AmdviFlag.class);
        Arrays.stream(values()).filter(flag -> flag.usual).forEach(flags::add);
        return Collections.unmodifiableSet(flags);
    }
}
