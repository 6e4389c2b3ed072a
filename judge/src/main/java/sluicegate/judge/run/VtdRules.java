package sluicegate.judge.run;

import java.util.Optional;
import sluicegate.api.types.Access;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.spec.vtd.FaultReason;

/** What the manual says of both modes: messages, pass-through, and pages that lead to the interrupt address range. */
abstract class VtdRules extends PcRules {
    /** Why a page may not lead to the interrupt address range. */
    private final FaultReason toInterrupts;

    VtdRules(Facts facts, FaultReason toInterrupts) {
        super(facts);
        this.toInterrupts = toInterrupts;
    }

    @Override
    final Verdict verdict(Facts.Port device, String domain, Optional<Mapped.Leaf> leaf, long iova, int length, Access access) {
        if (isMessage(iova)) {
            // No memory request, whatever the tables say (3.14): a message of four bytes, or refused.
            return isInterrupt(iova, length, access)
                    ? Verdict.TAKEN
                    : refused(device, iova, access, FaultReason.INTERRUPT_REQUEST_INVALID);
        }
        var refusal = switch (domain) {
            case Step.BLOCKED -> Optional.of(blocked(device));
            case Step.IDENTITY -> passThrough(iova);
            default -> page(leaf, iova, access);
        };
        if (refusal.isPresent()) {
            return refused(device, iova, access, refusal.get());
        }
        // What passes through is a physical address already (3.9).
        long address = leaf.map(page -> page.translate(iova)).orElse(iova);
        return isMessage(address)
                ? refused(device, iova, access, toInterrupts)
                : Verdict.reaching(facts(), address);
    }

    /** Why a device is refused everything. */
    abstract FaultReason blocked(Facts.Port device);

    /** Why an address is refused that would pass as it is; empty if it passes. */
    abstract Optional<FaultReason> passThrough(long iova);

    /** Why a request is refused that is translated by pages; empty if the page is there and permits it. */
    abstract Optional<FaultReason> page(Optional<Mapped.Leaf> leaf, long iova, Access access);

    static Optional<FaultReason> beyond(int bits, long address, FaultReason reason) {
        return address >>> bits == 0 ? Optional.empty() : Optional.of(reason);
    }

    private static Verdict refused(Facts.Port device, long iova, Access access, FaultReason reason) {
        return Verdict.refused(new Reported(device.sourceId(), iova & -BufferImage.PAGE, access, reason.code(), reason.name()));
    }
}
