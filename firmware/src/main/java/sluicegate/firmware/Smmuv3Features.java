package sluicegate.firmware;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * What an SMMUv3 of a machine description can do: the part of its identification registers that no firmware table tells.
 *
 * @param flags what it has of what there is or is not
 * @param granuleShifts translation granules, as powers of two: of 12, 14 and 16, at least one; ascending (IDR5.GRAN*)
 * @param outputBits bits of a physical address (IDR5.OAS): 32, 36, 40, 42, 44, 48 or 52
 * @param virtualBits bits of a virtual address with a granule of 64 KiB (IDR5.VAX): 48 or 52
 * @param streamBits bits of a stream id (IDR1.SIDSIZE), 0 to 32
 * @param substreamBits bits of a substream id (IDR1.SSIDSIZE), 0 to 20
 * @param updates what it updates in translation tables (IDR0.HTTU)
 * @param stalls what it does with accesses that fault (IDR0.STALL_MODEL)
 * @param breakBeforeMake how free software is in changing sizes of blocks (IDR3.BBML), 0 to 2
 * @param commandQueueBits greatest command queue, as a power of two (IDR1.CMDQS), 0 to 19
 * @param eventQueueBits greatest event queue, as a power of two (IDR1.EVENTQS), 0 to 19
 * @param priQueueBits greatest page request queue, as a power of two (IDR1.PRIQS), 0 to 19
 * @param controlPageBits pages with enhanced command queues, as a power of two (IDR6.CMDQ_CONTROL_PAGE_LOG2NUMP), 0 to 8
 * @param controlPageQueueBits queues in each of them, as a power of two (IDR6.CMDQ_CONTROL_PAGE_LOG2NUMQ), 0 to 8
 */
public record Smmuv3Features(
        Set<Smmuv3Flag> flags,
        Set<Integer> granuleShifts,
        int outputBits,
        int virtualBits,
        int streamBits,
        int substreamBits,
        Updates updates,
        Stalls stalls,
        int breakBeforeMake,
        int commandQueueBits,
        int eventQueueBits,
        int priQueueBits,
        int controlPageBits,
        int controlPageQueueBits) {

    static final Integer[] OUTPUT_BITS = {32, 36, 40, 42, 44, 48, 52};
    static final int MOST_STREAM_BITS = 32;
    static final int MOST_SUBSTREAM_BITS = 20;
    static final int MOST_QUEUE_BITS = 19;
    static final int MOST_BREAK_BEFORE_MAKE = 2;
    static final int MOST_CONTROL_PAGE_BITS = 8;

    /**
     * Both stages with all granules, 48 bits, 16 bits of stream id in two levels, coherent, message interrupts, range
     * invalidation; no substreams, ATS, stalls, updates by hardware or enhanced command queues.
     */
    public static final Smmuv3Features DEFAULT = new Smmuv3Features(Smmuv3Flag.DEFAULTS, Set.of(12, 14, 16), 48, 48, 16, 0,
            Updates.NONE, Stalls.NEVER, 0, 19, 19, 19, 0, 4);

    /** What hardware updates in translation tables. */
    public enum Updates {
        NONE,
        /** The access flag. */
        ACCESS,
        /** The access flag and the dirty state. */
        DIRTY
    }

    /** What becomes of accesses that fault. */
    public enum Stalls {
        /** They are terminated. */
        NEVER,
        /** Software chooses for each stream. */
        CHOICE,
        /** They wait for software. */
        ALWAYS
    }

    /** @throws IommuException EINVAL if the rules above are broken, or features contradict each other */
    public Smmuv3Features {
        var copy = EnumSet.noneOf(Smmuv3Flag.class);
        copy.addAll(flags);
        flags = Collections.unmodifiableSet(copy);
        granuleShifts = Collections.unmodifiableSortedSet(new TreeSet<>(granuleShifts));
        require(!granuleShifts.isEmpty() && Set.of(12, 14, 16).containsAll(granuleShifts),
                "%s are no granules; there are 12, 14 and 16", granuleShifts);
        require(Set.of(OUTPUT_BITS).contains(outputBits), "%d bits are no output address size", outputBits);
        require(virtualBits == 48 || virtualBits == 52, "%d bits are no virtual address size; there are 48 and 52", virtualBits);
        require(inside(streamBits, MOST_STREAM_BITS), "%d bits are no stream id", streamBits);
        require(inside(substreamBits, MOST_SUBSTREAM_BITS), "%d bits are no substream id", substreamBits);
        require(inside(breakBeforeMake, MOST_BREAK_BEFORE_MAKE), "%d is no break-before-make level", breakBeforeMake);
        require(inside(commandQueueBits, MOST_QUEUE_BITS) && inside(eventQueueBits, MOST_QUEUE_BITS)
                && inside(priQueueBits, MOST_QUEUE_BITS), "queues have at most 2^%d entries", MOST_QUEUE_BITS);
        require(inside(controlPageBits, MOST_CONTROL_PAGE_BITS) && inside(controlPageQueueBits, MOST_CONTROL_PAGE_BITS),
                "there are at most 2^%d control pages with as many queues each", MOST_CONTROL_PAGE_BITS);
        require(!flags.contains(Smmuv3Flag.ENHANCED_COMMAND_QUEUES)
                || flags.contains(Smmuv3Flag.COHERENT) && flags.contains(Smmuv3Flag.MSI), "enhanced-command-queues need coherent and msi");
        require(flags.contains(Smmuv3Flag.STAGE_1) || flags.contains(Smmuv3Flag.STAGE_2), "there is neither stage 1 nor stage 2");
        require(!flags.contains(Smmuv3Flag.PRI) || flags.contains(Smmuv3Flag.ATS), "page requests (pri) need ats");
        require(substreamBits == 0 || flags.contains(Smmuv3Flag.STAGE_1), "substreams need stage 1");
        require(!flags.contains(Smmuv3Flag.HYPERVISOR) || flags.contains(Smmuv3Flag.STAGE_1) && flags.contains(Smmuv3Flag.STAGE_2),
                "hypervisor needs stage 1 and stage 2");
        require(outputBits < 52 || granuleShifts.contains(16), "52 bits of output need the granule of 64 KiB");
        require(virtualBits < 52 || granuleShifts.contains(16), "52 bits of virtual address need the granule of 64 KiB");
    }

    /** Whether it has something that there is or is not. */
    public boolean has(Smmuv3Flag flag) {
        return flags.contains(flag);
    }

    private static boolean inside(int value, int most) {
        return value >= 0 && value <= most;
    }

    private static void require(boolean rule, String format, Object... args) {
        if (!rule) {
            throw IommuException.of(Errno.EINVAL, format, args);
        }
    }
}
