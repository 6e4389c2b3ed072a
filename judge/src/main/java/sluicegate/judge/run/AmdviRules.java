package sluicegate.judge.run;

import java.util.Optional;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Access;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.spec.amdvi.EventCode;

/**
 * 48882: requests of devices whose device table entries have V and TV set and interrupts passing (2.1.4.2, 2.2.2.1), with host tables
 * (2.2.3) or without any. What a driver tells of an event is its code; which flags belong to it is judged by raw tables.
 */
final class AmdviRules extends PcRules {
    private static final int ADDRESS_BITS = 52;

    AmdviRules(Facts facts) {
        super(facts);
    }

    @Override
    Verdict verdict(Facts.Port device, String domain, Optional<Mapped.Leaf> leaf, long iova, int length, Access access) {
        if (isMessage(iova)) {
            // Whatever the tables say; an interrupt is four aligned bytes.
            return isInterrupt(iova, length, access)
                    ? Verdict.TAKEN
                    : refused(device, iova, access, EventCode.INVALID_DEVICE_REQUEST);
        }
        boolean passes = switch (domain) {
            case Step.BLOCKED -> false;
            case Step.IDENTITY -> true;
            default -> leaf.filter(page -> (page.prot() & access.prot()) != 0).isPresent();
        };
        if (!passes) {
            return refused(device, iova, access, EventCode.IO_PAGE_FAULT);
        }
        long address = leaf.map(page -> page.translate(iova)).orElse(iova);
        return address >>> ADDRESS_BITS != 0 || isMessage(address)
                ? new Verdict(DmaStatus.NO_TARGET, Verdict.NO_MEMORY, Optional.empty())
                : Verdict.reaching(facts(), address);
    }

    private static Verdict refused(Facts.Port device, long iova, Access access, EventCode event) {
        return Verdict.refused(new Reported(device.sourceId(), iova & -BufferImage.PAGE, access, event.code(), event.name()));
    }
}
