package sluicegate.judge.verdict;

import java.util.Arrays;
import java.util.Optional;
import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.vtd.FaultReason;

/** What QEMU 7.2's model of VT-d does otherwise than the manual says. Nothing else is excused. */
public enum KnownQemuFaults implements KnownFault {
    SILENT_ON_CACHED_PAGE("A DMA that the permissions of a page in the IOTLB forbid is blocked, but no fault is recorded") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual, Observation seen) {
            return blockedInSilence(expected, actual) && expected.faults().stream()
                    .allMatch(fault -> isPermission(fault) && seen.history().mayHold(dma.device(), fault.page()));
        }
    },
    MESSAGES_ARE_NOT_CHECKED("Requests to the interrupt address range are answered by QEMU's interrupt controller whatever they are: "
            + "reads give zeros, and no fault is recorded") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual, Observation seen) {
            return actual.faults().isEmpty() && is(expected, FaultReason.INTERRUPT_REQUEST_INVALID);
        }
    },
    PASS_THROUGH_OF_ANY_WIDTH("Addresses beyond the width of the context entry pass where the entry says pass-through") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual, Observation seen) {
            return actual.faults().isEmpty() && actual.status() == DmaStatus.NO_TARGET
                    && is(expected, FaultReason.ADDRESS_BEYOND_WIDTH)
                    && seen.domain().equals(Optional.of(Step.IDENTITY));
        }
    };

    private final String sentence;

    KnownQemuFaults(String sentence) {
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

    private static boolean is(Transfer expected, FaultReason reason) {
        return expected.faults().size() == 1 && expected.faults().iterator().next().code() == reason.code();
    }

    private static boolean isPermission(Reported fault) {
        return fault.code() == FaultReason.READ_NOT_PERMITTED.code() || fault.code() == FaultReason.WRITE_NOT_PERMITTED.code();
    }

    /** A DMA that should have faulted did not get through, and nobody said why. */
    private static boolean blockedInSilence(Transfer expected, Transfer actual) {
        return expected.status() == DmaStatus.FAULT && actual.status() != DmaStatus.OK && actual.faults().isEmpty()
                && Arrays.equals(expected.data(), actual.data());
    }
}
