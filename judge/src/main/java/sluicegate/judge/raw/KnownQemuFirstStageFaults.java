package sluicegate.judge.raw;

import java.util.EnumSet;
import java.util.Set;
import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.raw.ScalableCase.Stage;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.vtd.FaultReason;

/**
 * Where QEMU 10's model of VT-d with the first stage ({@code x-flts=on}) reads tables otherwise than the manual says. Fault reasons of PASID and
 * first-stage entries are the manual's here, other than with the second stage ({@link KnownQemuScalableFaults}, of
 * which only that of pass-through is left), and of the latter nothing is excused.
 */
public enum KnownQemuFirstStageFaults implements RawJudge.KnownTableFault<ScalableCase> {
    LEGACY_REASONS_ABOVE_PASIDS("What root and context entries refuse has the reasons of legacy mode, and is recorded also where FPD of the "
            + "context entry asks for silence") {
        @Override
        public boolean explains(ScalableCase raw, Transfer expected, Transfer actual) {
            return expected.status() == DmaStatus.FAULT && actual.status() == DmaStatus.FAULT && actual.faults().stream()
                    .allMatch(fault -> fault.code() < FIRST_OF_SCALABLE_MODE)
                    && expected.faults().stream().allMatch(fault -> fault.code() < FIRST_OF_PASIDS);
        }
    },
    RESERVED_BITS_PASS("Reserved bits of context, PASID directory and PASID entries are not looked at, or taken for what other units have "
            + "there; what comes after them decides") {
        @Override
        public boolean explains(ScalableCase raw, Transfer expected, Transfer actual) {
            // One that an entry asked to keep secret may be of that kind, if no entry of the first stage was touched.
            boolean secret = expected.faults().isEmpty() && raw.flips().keySet().stream().noneMatch(FIRST_STAGE::contains);
            return expected.status() == DmaStatus.FAULT
                    && (secret || RESERVED.stream().anyMatch(reason -> RawJudge.isFault(expected, reason)));
        }
    },
    WIDTH_COUNTS("AW of a PASID entry counts also where there is no second stage: it says which addresses are canonical") {
        @Override
        public boolean explains(ScalableCase raw, Transfer expected, Transfer actual) {
            return raw.stage() == Stage.FIRST && (raw.flipped(ScalableWord.PASID0) & WIDTH) != 0 && expected.faults().isEmpty()
                    && (RawJudge.isFault(actual, FaultReason.SM_ADDRESS_NOT_CANONICAL)
                    || RawJudge.isFault(actual, FaultReason.PASID_ENTRY_INVALID));
        }
    },
    ABSENT_ENTRY_IS_INVALID("A PASID entry that is not present is refused for its translation type, before anybody asks whether it is "
            + "present or asks for silence") {
        @Override
        public boolean explains(ScalableCase raw, Transfer expected, Transfer actual) {
            boolean absent = expected.faults().isEmpty() || RawJudge.isFault(expected, FaultReason.PASID_ENTRY_NOT_PRESENT);
            return expected.status() == DmaStatus.FAULT && absent && RawJudge.isFault(actual, FaultReason.PASID_ENTRY_INVALID);
        }
    };

    private static final int FIRST_OF_SCALABLE_MODE = 0x30;
    private static final int FIRST_OF_PASIDS = 0x50;
    private static final long WIDTH = 7 << 2;
    private static final Set<ScalableWord> FIRST_STAGE = EnumSet.range(ScalableWord.FIRST4, ScalableWord.FIRST1);
    private static final Set<FaultReason> RESERVED = EnumSet.of(FaultReason.SM_CONTEXT_ENTRY_RESERVED,
            FaultReason.PASID_DIRECTORY_ENTRY_RESERVED, FaultReason.PASID_ENTRY_RESERVED);

    private final String sentence;

    KnownQemuFirstStageFaults(String sentence) {
        this.sentence = sentence;
    }

    @Override
    public String sentence() {
        return sentence;
    }
}
