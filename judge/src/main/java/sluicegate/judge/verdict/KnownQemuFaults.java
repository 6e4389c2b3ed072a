package sluicegate.judge.verdict;

import java.util.Set;
import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.vtd.FaultReason;

/** What QEMU 7.2's model of VT-d does otherwise than the manual says. Nothing else is excused. */
public enum KnownQemuFaults implements KnownFault {
    SILENT_ON_CACHED_PAGE("A DMA that the permissions of a page in the IOTLB forbid is blocked, but no fault is recorded") {
        @Override
        public boolean explains(Observation seen) {
            return seen.expected() instanceof Transfer expected && seen.actual() instanceof Transfer actual
                    && seen.step() instanceof Step.Dma dma && actual.faults().isEmpty() && expected.faults().size() == 1
                    && sameButFaults(expected, actual)
                    && expected.faults().stream().allMatch(fault -> isPermission(fault)
                            && seen.history().mayHold(dma.device(), fault.page()));
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

    private static boolean isPermission(Reported fault) {
        return fault.code() == FaultReason.READ_NOT_PERMITTED.code() || fault.code() == FaultReason.WRITE_NOT_PERMITTED.code();
    }

    private static boolean sameButFaults(Transfer expected, Transfer actual) {
        return new Transfer(expected.status(), expected.data(), Set.of()).equals(
                new Transfer(actual.status() == DmaStatus.OK ? expected.status() : actual.status(), actual.data(), Set.of()));
    }
}
