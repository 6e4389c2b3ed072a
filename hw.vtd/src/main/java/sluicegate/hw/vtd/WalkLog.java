package sluicegate.hw.vtd;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.WalkStep;
import sluicegate.spec.Layout;
import sluicegate.spec.vtd.FaultReason;

/** The steps of a walk, as they come. */
final class WalkLog {
    /** Instead of an address: the walk ends here. */
    static final long END = -1;

    private final PhysicalMemory memory;
    private final List<WalkStep> steps = new ArrayList<>();

    WalkLog(PhysicalMemory memory) {
        this.memory = memory;
    }

    List<WalkStep> steps() {
        return List.copyOf(steps);
    }

    /** Whether something can be read; otherwise that is the step. */
    boolean readable(String what, long address, int size, FaultReason reason) {
        if (memory.contains(address, size)) {
            return true;
        }
        steps.add(new WalkStep(what, address, List.of(), List.of(), fault(reason)));
        return false;
    }

    /** A step that reads nothing. */
    void note(String what, long address, String outcome) {
        steps.add(new WalkStep(what, address, List.of(), List.of(), outcome));
    }

    long[] read(long address, int words) {
        var result = new long[words];
        for (int i = 0; i < words; i++) {
            result[i] = memory.get64Acquire(address + (long) i * Long.BYTES);
        }
        return result;
    }

    void add(String what, long address, Layout layout, long[] words, String outcome) {
        var list = new ArrayList<Long>();
        for (long word : words) {
            list.add(word);
        }
        steps.add(new WalkStep(what, address, list, Decoding.fields(layout, words), outcome));
    }

    static boolean reserved(Layout layout, long... words) {
        long bits = 0;
        for (int i = 0; i < words.length; i++) {
            bits |= words[i] & layout.reservedMask(i);
        }
        return bits != 0;
    }

    static String fault(FaultReason reason) {
        return reason.name() + ", " + reason.sentence();
    }
}
