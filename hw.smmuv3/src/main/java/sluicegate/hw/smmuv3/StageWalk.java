package sluicegate.hw.smmuv3;

import java.util.List;
import java.util.function.LongUnaryOperator;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;
import sluicegate.api.types.WalkStep;
import sluicegate.spec.Layout;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;

/**
 * Walks the tables of one stage as a descriptor says (DDI 0487, D8.2), for people to read.
 *
 * @param stage 1 or 2
 * @param top address of the top table
 * @param granule log2 of the granule
 * @param inputBits width of an address
 * @param startLevel as the manual counts: 0 to 3
 * @param place where a table's entry is in memory, given its address
 * @param output what the address is that comes out
 */
record StageWalk(PhysicalMemory memory, int stage, long top, int granule, int inputBits, int startLevel, LongUnaryOperator place,
        String output) {
    private static final long NONE = -1;
    private static final int LAST_LEVEL = 3;
    private static final String PHYSICAL = "physical address";

    /** @param nested whether stage 2 comes after it */
    static StageWalk stage1(PhysicalMemory memory, long[] cd, LongUnaryOperator place, boolean nested) {
        int granule = granule(ContextDescriptor.TG0.get(cd[0]));
        int bits = Long.SIZE - (int) ContextDescriptor.T0SZ.get(cd[0]);
        int levels = (bits - granule + granule - 4) / (granule - 3);
        return new StageWalk(memory, 1, ContextDescriptor.TTB0.inPlace(cd[1]), granule, bits, LAST_LEVEL + 1 - levels, place,
                nested ? "intermediate physical address" : PHYSICAL);
    }

    static StageWalk stage2(PhysicalMemory memory, long[] ste) {
        int granule = granule(StreamTableEntry.S2TG.get(ste[2]));
        int code = (int) StreamTableEntry.S2SL0.get(ste[2]);
        int start = granule == 12 ? code == LAST_LEVEL ? LAST_LEVEL : 2 - code : LAST_LEVEL - code;
        return new StageWalk(memory, 2, StreamTableEntry.S2TTB.inPlace(ste[3]), granule,
                Long.SIZE - (int) StreamTableEntry.S2T0SZ.get(ste[2]), start, LongUnaryOperator.identity(),
                PHYSICAL);
    }

    private static int granule(long code) {
        return code == ContextDescriptor.TG0_4K ? 12 : code == ContextDescriptor.TG0_16K ? 14 : 16;
    }

    /** Adds a step for each table entry; returns the address that comes out, or -1. */
    long walk(long address, List<WalkStep> steps) {
        if (address >>> inputBits != 0) {
            steps.add(new WalkStep("stage " + stage + " address", address, List.of(), List.of(), EventType.F_TRANSLATION.sentence()));
            return NONE;
        }
        long table = top;
        for (int level = startLevel; level <= LAST_LEVEL; level++) {
            int shift = granule + (granule - 3) * (LAST_LEVEL - level);
            long index = level == startLevel ? address >>> shift : address >>> shift & (1L << granule - 3) - 1;
            long slot = place.applyAsLong(table + (index << 3));
            String what = "stage " + stage + " level " + level + " descriptor";
            if (!memory.contains(slot, Long.BYTES)) {
                steps.add(new WalkStep(what, slot, List.of(), List.of(), EventType.F_WALK_EABT.sentence()));
                return NONE;
            }
            long entry = memory.get64Acquire(slot);
            boolean valid = Stage1Descriptor.VALID.isSet(entry);
            boolean type = Stage1Descriptor.TYPE.isSet(entry);
            boolean leaf = level == LAST_LEVEL ? type : !type;
            boolean fault = !valid || level == LAST_LEVEL && !type;
            long next = Stage1Descriptor.ADDR.inPlace(entry) & -1L << (leaf ? shift : granule);
            long found = next | address & (1L << shift) - 1;
            steps.add(new WalkStep(what, slot, List.of(entry), Decoding.fields(layout(level, shift, type), entry),
                    fault ? EventType.F_TRANSLATION.sentence()
                            : leaf ? output + " " + Hex.of(found)
                            : "table at " + Hex.of(next)));
            if (fault) {
                return NONE;
            }
            if (leaf) {
                return found;
            }
            table = next;
        }
        return NONE;
    }

    /** The form of a descriptor: looked up by its name, since there is one for each size. */
    private Layout layout(int level, int shift, boolean type) {
        String suffix = granule == 12 ? "" : ", granule of " + (1 << granule - 10) + " KiB";
        String form = level == LAST_LEVEL ? "page of " + size(shift) : type ? "table" + suffix : "block of " + size(shift);
        var layouts = stage == 1 ? Stage1Descriptor.LAYOUTS : Stage2Descriptor.LAYOUTS;
        return layouts.stream().filter(layout -> layout.name().endsWith("descriptor, " + form)).findFirst().orElse(layouts.get(0));
    }

    private static String size(int shift) {
        return shift >= 30 ? (1 << shift - 30) + " GiB" : shift >= 20 ? (1 << shift - 20) + " MiB" : (1 << shift - 10) + " KiB";
    }
}
