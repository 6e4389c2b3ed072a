package sluicegate.judge.raw;

import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.FaultReason;

/** Where QEMU 7.2's model of VT-d reads tables otherwise than the manual says. Nothing else is excused. */
public enum KnownQemuTableFaults implements RawJudge.KnownTableFault<RawCase> {
    PASS_THROUGH_OF_ANY_WIDTH("Addresses that are wider than a physical address pass where the context entry says pass-through") {
        @Override
        public boolean explains(RawCase raw, Transfer expected, Transfer actual) {
            return RawJudge.isFault(expected, FaultReason.ADDRESS_BEYOND_WIDTH) && actual.faults().isEmpty()
                    && actual.status() == DmaStatus.NO_TARGET;
        }
    },
    RESERVED_BITS_ARE_NEVER_SILENT("Reserved bits in a context entry are reported also where its FPD bit asks for silence") {
        @Override
        public boolean explains(RawCase raw, Transfer expected, Transfer actual) {
            return (raw.flipped(Word.CONTEXT_LOW) & ContextEntry.FPD.mask()) != 0 && expected.faults().isEmpty()
                    && expected.status() == DmaStatus.FAULT && actual.status() == DmaStatus.FAULT
                    && RawJudge.isFault(actual, FaultReason.CONTEXT_ENTRY_RESERVED);
        }
    };

    private final String sentence;

    KnownQemuTableFaults(String sentence) {
        this.sentence = sentence;
    }

    @Override
    public String sentence() {
        return sentence;
    }
}
