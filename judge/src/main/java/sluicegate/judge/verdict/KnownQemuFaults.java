package sluicegate.judge.verdict;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Access;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.vtd.FaultReason;

/** What QEMU's model of VT-d, of version 7.2 if nothing else is said, does otherwise than the manual says. Nothing else is excused. */
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
                    && (is(expected, FaultReason.ADDRESS_BEYOND_WIDTH) || is(expected, FaultReason.SM_HOST_ADDRESS_BEYOND_WIDTH))
                    && seen.domain().equals(Optional.of(Step.IDENTITY));
        }
    },
    LEGACY_REASONS_IN_SCALABLE_MODE("What the second stage of scalable mode refuses is recorded with the fault reasons of legacy mode") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual, Observation seen) {
            return isRecordedAs(KnownQemuFaults::inLegacyMode, expected, actual);
        }
    },
    ABSENT_PASID_ENTRY_IS_UNREADABLE("A PASID table entry that is not present is recorded as one that could not be read") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual, Observation seen) {
            return is(expected, FaultReason.PASID_ENTRY_NOT_PRESENT)
                    && isRecordedAs(fault -> with(fault, FaultReason.PASID_ENTRY_UNREADABLE), expected, actual);
        }
    },
    ABSENT_PASID_ENTRY_IS_INVALID("A PASID table entry that is all zero is refused for its translation type, before anybody asks whether "
            + "it is present (QEMU 10)") {
        @Override
        boolean explains(Step.Dma dma, Transfer expected, Transfer actual, Observation seen) {
            return is(expected, FaultReason.PASID_ENTRY_NOT_PRESENT)
                    && isRecordedAs(fault -> with(fault, FaultReason.PASID_ENTRY_INVALID), expected, actual);
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
        int code = inLegacyMode(fault).code();
        return code == FaultReason.READ_NOT_PERMITTED.code() || code == FaultReason.WRITE_NOT_PERMITTED.code();
    }

    /** The fault with the reason that legacy mode has for a refusal by the second stage; every other fault as it is. */
    private static Reported inLegacyMode(Reported fault) {
        var reason = switch (FaultReason.of(fault.code()).orElseThrow()) {
            case SM_SECOND_STAGE_NOT_PERMITTED, SM_WRITE_NOT_PERMITTED, SM_READ_NOT_PERMITTED ->
                    fault.access() == Access.WRITE ? FaultReason.WRITE_NOT_PERMITTED : FaultReason.READ_NOT_PERMITTED;
            case SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH -> FaultReason.ADDRESS_BEYOND_WIDTH;
            default -> FaultReason.of(fault.code()).orElseThrow();
        };
        return with(fault, reason);
    }

    private static Reported with(Reported fault, FaultReason reason) {
        return new Reported(fault.sourceId(), fault.page(), fault.access(), reason.code(), reason.name());
    }

    /** All is as expected but for the reason that was recorded. */
    private static boolean isRecordedAs(UnaryOperator<Reported> recorded, Transfer expected, Transfer actual) {
        return expected.status() == actual.status() && Arrays.equals(expected.data(), actual.data())
                && !actual.faults().isEmpty()
                && actual.faults().equals(expected.faults().stream().map(recorded).collect(Collectors.toSet()));
    }

    /** A DMA that should have faulted did not get through, and nobody said why. */
    private static boolean blockedInSilence(Transfer expected, Transfer actual) {
        return expected.status() == DmaStatus.FAULT && actual.status() != DmaStatus.OK && actual.faults().isEmpty()
                && Arrays.equals(expected.data(), actual.data());
    }
}
