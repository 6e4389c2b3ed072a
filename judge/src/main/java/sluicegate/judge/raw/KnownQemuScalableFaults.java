package sluicegate.judge.raw;

import java.util.EnumSet;
import java.util.Set;
import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.raw.ScalableCase.Stage;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.vtd.FaultReason;

/**
 * Where QEMU 7.2's model of VT-d reads tables of scalable mode otherwise than the manual says. Nothing else is excused: above all, a
 * request that should reach a page reaches that one, and one that no entry permits reaches none.
 */
public enum KnownQemuScalableFaults implements RawJudge.KnownTableFault<ScalableCase> {
    REASONS_OF_LEGACY_MODE("Faults have the reasons of legacy mode, or say that the PASID entry can't be read, and are recorded also where "
            + "the FPD bit of a PASID directory entry or PASID entry asks for silence") {
        @Override
        public boolean explains(ScalableCase raw, Transfer expected, Transfer actual) {
            return expected.status() == DmaStatus.FAULT && actual.status() == DmaStatus.FAULT && actual.faults().stream()
                    .allMatch(fault -> fault.code() < FIRST_OF_SCALABLE_MODE || fault.code() == FaultReason.PASID_ENTRY_UNREADABLE.code());
        }
    },
    RESERVED_BITS_PASS("Most reserved bits of context, PASID directory and PASID entries are not looked at") {
        @Override
        public boolean explains(ScalableCase raw, Transfer expected, Transfer actual) {
            return expected.status() == DmaStatus.FAULT && actual.faults().isEmpty()
                    && (expected.faults().isEmpty() || RESERVED.stream().anyMatch(reason -> RawJudge.isFault(expected, reason)));
        }
    },
    SNOOP_BIT_PASSES("The SNP bit of a second-stage page is not looked at on a unit without snoop control") {
        @Override
        public boolean explains(ScalableCase raw, Transfer expected, Transfer actual) {
            return RawJudge.isFault(expected, FaultReason.SM_SECOND_STAGE_ENTRY_RESERVED) && actual.faults().isEmpty()
                    && raw.flips().entrySet().stream().anyMatch(flips -> flips.getKey().compareTo(ScalableWord.SECOND4) >= 0
                            && (flips.getValue() & SNP) != 0);
        }
    },
    PASS_THROUGH_OF_ANY_WIDTH("Addresses that are wider than a physical address pass where the PASID entry says pass-through") {
        @Override
        public boolean explains(ScalableCase raw, Transfer expected, Transfer actual) {
            return RawJudge.isFault(expected, FaultReason.SM_HOST_ADDRESS_BEYOND_WIDTH) && actual.status() == DmaStatus.NO_TARGET;
        }
    },
    WIDTH_OF_PASS_THROUGH("A PASID entry that says pass-through has to name a width of the second stage all the same") {
        @Override
        public boolean explains(ScalableCase raw, Transfer expected, Transfer actual) {
            return expected.faults().isEmpty() && RawJudge.isFault(actual, FaultReason.PASID_ENTRY_UNREADABLE)
                    && (raw.flipped(ScalableWord.PASID0) & WIDTH) != 0;
        }
    },
    FIRST_STAGE_IS_IGNORED("PASID entries that name a first stage are taken for ones that name the second alone") {
        @Override
        public boolean explains(ScalableCase raw, Transfer expected, Transfer actual) {
            return RawJudge.isFault(expected, FaultReason.PASID_ENTRY_INVALID) && actual.faults().isEmpty()
                    && raw.stage() != Stage.FIRST && (raw.flipped(ScalableWord.PASID0) & TYPE) != 0;
        }
    };

    private static final int FIRST_OF_SCALABLE_MODE = 0x30;
    private static final long WIDTH = 7 << 2;
    private static final long TYPE = 7 << 6;
    private static final long SNP = 1 << 11;
    private static final Set<FaultReason> RESERVED = EnumSet.of(FaultReason.SM_CONTEXT_ENTRY_RESERVED,
            FaultReason.PASID_DIRECTORY_ENTRY_RESERVED, FaultReason.PASID_ENTRY_RESERVED);

    private final String sentence;

    KnownQemuScalableFaults(String sentence) {
        this.sentence = sentence;
    }

    @Override
    public String sentence() {
        return sentence;
    }
}
