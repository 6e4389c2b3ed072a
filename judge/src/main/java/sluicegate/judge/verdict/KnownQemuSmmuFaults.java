package sluicegate.judge.verdict;

import java.util.Arrays;
import java.util.Optional;
import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.smmuv3.EventType;

/** What QEMU 7.2's model of the SMMUv3 does otherwise than the manual says. Nothing else is excused. */
public enum KnownQemuSmmuFaults implements KnownFault {
    BYPASS_OF_ANY_WIDTH("Addresses beyond the output size pass where the stream table entry says bypass") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual, Observation seen) {
            return actual.faults().isEmpty() && actual.status() == DmaStatus.NO_TARGET && is(expected, EventType.F_ADDR_SIZE)
                    && seen.domain().equals(Optional.of(Step.IDENTITY));
        }
    },
    SILENT_BEYOND_THE_TABLES("A request beyond the addresses that TTB0 and TTB1 could ever have is refused, but no event is recorded") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual, Observation seen) {
            return actual.faults().isEmpty() && actual.status() != DmaStatus.OK && is(expected, EventType.F_TRANSLATION)
                    && expected.faults().iterator().next().page() >>> WIDEST != 0 && Arrays.equals(expected.data(), actual.data());
        }
    },
    ABORT_LOOKS_LIKE_NO_MEMORY("Where no memory is, a request that a stream aborts in silence leaves the same in QEMU's log as one "
            + "that passed and found none") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual, Observation seen) {
            return expected.status() == DmaStatus.FAULT && expected.faults().isEmpty() && actual.faults().isEmpty()
                    && actual.status() == DmaStatus.NO_TARGET && Arrays.equals(expected.data(), actual.data());
        }
    };

    /** Bits of an address with the granules of 4 and 16 KiB. */
    private static final int WIDEST = 48;

    private final String sentence;

    KnownQemuSmmuFaults(String sentence) {
        this.sentence = sentence;
    }

    @Override
    public String sentence() {
        return sentence;
    }

    @Override
    public final boolean explains(Observation seen) {
        return seen.step() instanceof Step.Dma dma && seen.expected() instanceof Transfer expected
                && seen.actual() instanceof Transfer actual && explains(dma, expected, actual, seen);
    }

    abstract boolean explains(Step.Dma dma, Transfer expected, Transfer actual, Observation seen);

    private static boolean is(Transfer expected, EventType event) {
        return expected.faults().size() == 1 && expected.faults().iterator().next().code() == event.code();
    }
}
