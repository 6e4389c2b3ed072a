package sluicegate.judge.verdict;

import java.util.Arrays;
import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.amdvi.EventCode;

/** What QEMU 7.2's model of AMD's IOMMU does otherwise than the manual says. Nothing else is excused. */
public enum KnownQemuAmdFaults implements KnownFault {
    EVENTS_ARE_NOT_WRITTEN("Requests are refused, but the event log stays empty") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual) {
            return expected.status() == actual.status() && Arrays.equals(expected.data(), actual.data())
                    && !expected.faults().isEmpty() && actual.faults().isEmpty();
        }
    },
    REFUSAL_LOOKS_LIKE_NO_MEMORY("Without an event, a request that is refused leaves the same as one that passed and found no memory") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual) {
            return expected.status() != DmaStatus.OK && actual.status() != DmaStatus.OK && expected.status() != actual.status()
                    && Arrays.equals(expected.data(), actual.data()) && actual.faults().isEmpty();
        }
    },
    MESSAGES_ARE_NOT_CHECKED("Requests to the interrupt address range that are no interrupts are not refused") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual) {
            return expected.faults().stream().anyMatch(fault -> fault.code() == EventCode.INVALID_DEVICE_REQUEST.code())
                    && actual.faults().isEmpty();
        }
    };

    private final String sentence;

    KnownQemuAmdFaults(String sentence) {
        this.sentence = sentence;
    }

    @Override
    public String sentence() {
        return sentence;
    }

    @Override
    public final boolean explains(Observation seen) {
        return seen.step() instanceof Step.Dma dma && seen.expected() instanceof Transfer expected
                && seen.actual() instanceof Transfer actual && explains(dma, expected, actual);
    }

    abstract boolean explains(Step.Dma dma, Transfer expected, Transfer actual);
}
