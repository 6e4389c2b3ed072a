package sluicegate.sim.vtd;

import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.InterruptRemappingEntry;

/**
 * What became of an interrupt remapping table entry, as {@link InterruptEntryCache} keeps it: its two words, or why it is
 * useless. Immutable.
 *
 * @param faultCode code of a {@link FaultReason}, 0 for an entry that can be used
 */
record InterruptEntry(int faultCode, long low, long high) {
    private static final int FUNCTION_BITS = 0b111;

    static InterruptEntry good(long low, long high) {
        return new InterruptEntry(0, low, high);
    }

    /** An entry that lets no interrupt pass. */
    static InterruptEntry fault(FaultReason reason, long low) {
        return new InterruptEntry(reason.code(), low, 0);
    }

    boolean faultsDisabled() {
        return InterruptRemappingEntry.FPD.isSet(low);
    }

    boolean posted() {
        return InterruptRemappingEntry.IM.isSet(low);
    }

    /** Whether interrupts of a source may use it: SVT, SQ and SID. */
    boolean admits(int sourceId) {
        int sid = (int) InterruptRemappingEntry.SID.get(high);
        return switch ((int) InterruptRemappingEntry.SVT.get(high)) {
            case InterruptRemappingEntry.SVT_NONE -> true;
            case InterruptRemappingEntry.SVT_SOURCE -> ((sid ^ sourceId) & compared()) == 0;
            case InterruptRemappingEntry.SVT_BUS -> sourceId >>> 8 >= sid >>> 8 && sourceId >>> 8 <= (sid & 0xff);
            default -> false;
        };
    }

    /** SQ says how many bits of the function number are left out, from the highest down. */
    private int compared() {
        int omitted = (int) InterruptRemappingEntry.SQ.get(high);
        return 0xffff & ~(FUNCTION_BITS & FUNCTION_BITS << 3 - omitted);
    }
}
