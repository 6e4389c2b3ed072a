package sluicegate.firmware;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What an SMMUv3 has or has not. The setting is the name in lower case with dashes: {@code smmuv3.stage-1}.
 */
public enum Smmuv3Flag {
    /** Stage 1 translation (IDR0.S1P). */
    STAGE_1(true),
    /** Stage 2 translation (IDR0.S2P). */
    STAGE_2(true),
    /** Stream tables of two levels (IDR0.ST_LEVEL). */
    TWO_LEVEL_STREAMS(true),
    /** Context descriptor tables of two levels (IDR0.CD2L). */
    TWO_LEVEL_CONTEXTS(true),
    /** ASIDs of 16 bits instead of 8 (IDR0.ASID16). */
    ASID_16(true),
    /** VMIDs of 16 bits instead of 8 (IDR0.VMID16). */
    VMID_16(true),
    /** Table walks are coherent with the caches (IDR0.COHACC). */
    COHERENT(true),
    /** Message interrupts (IDR0.MSI). */
    MSI(true),
    /** It sends events to waiting processors (IDR0.SEV). */
    SEV(false),
    /** Address translation services (IDR0.ATS). */
    ATS(false),
    /** Stage 1 alone for translation requests with both stages (IDR0.NS1ATS clear). */
    SPLIT_STAGE_ATS(false),
    /** Page requests (IDR0.PRI). */
    PRI(false),
    /** Streams of EL2 (IDR0.HYP). */
    HYPERVISOR(false),
    /** It takes part in broadcast TLB maintenance (IDR0.BTM). */
    BROADCAST_TLB(false),
    /** Accesses that fault always abort (IDR0.TERM_MODEL). */
    ALWAYS_ABORT(false),
    /** Memory types may be overridden for a stream (IDR1.ATTR_TYPES_OVR). */
    TYPE_OVERRIDE(false),
    /** Permissions may be overridden for a stream (IDR1.ATTR_PERMS_OVR). */
    PERMISSION_OVERRIDE(false),
    /** Command queues beside the one that every unit has (IDR1.ECMDQ). */
    ENHANCED_COMMAND_QUEUES(false),
    /** Invalidation of ranges (IDR3.RIL). */
    RANGE_INVALIDATION(true),
    /** Hierarchical permissions can be disabled (IDR3.HAD). */
    HIERARCHY_DISABLE(true),
    /** Stage 2 execute permissions by exception level (IDR3.XNX). */
    EXECUTE_NEVER_BY_LEVEL(false),
    /** Stage 2 can force write-back (IDR3.FWB). */
    FORCED_WRITE_BACK(false),
    /** Small translation tables (IDR3.STT). */
    SMALL_TABLES(false),
    /** Automatic page responses carry a PASID (IDR3.PPS). */
    PRI_RESPONSE_PASID(false);

    /** What a unit has of which nothing is said. */
    static final Set<Smmuv3Flag> DEFAULTS = defaults();

    private final boolean usual;

    Smmuv3Flag(boolean usual) {
        this.usual = usual;
    }

    /** Name of the setting, without what comes before the dot. */
    public String setting() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Set<Smmuv3Flag> defaults() {
        var flags = EnumSet.noneOf(Smmuv3Flag.class);
        Arrays.stream(values()).filter(flag -> flag.usual).forEach(flags::add);
        return Collections.unmodifiableSet(flags);
    }
}
