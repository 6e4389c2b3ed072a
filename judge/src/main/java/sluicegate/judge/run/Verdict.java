package sluicegate.judge.run;

import java.util.Optional;
import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.run.Outcome.Reported;

/**
 * What hardware does with a request within one page.
 *
 * @param status what the device is told
 * @param address where it goes; {@link #NO_MEMORY} if nowhere, or to the interrupt controller
 * @param fault what is recorded of it
 */
record Verdict(DmaStatus status, long address, Optional<Reported> fault) {
    static final long NO_MEMORY = -1L;

    /** A message to the interrupt controller, which leaves no trace in memory. */
    static final Verdict TAKEN = new Verdict(DmaStatus.OK, NO_MEMORY, Optional.empty());
    /** It is refused, and nothing tells of it. */
    static final Verdict SILENT = new Verdict(DmaStatus.FAULT, NO_MEMORY, Optional.empty());

    static Verdict refused(Reported fault) {
        return new Verdict(DmaStatus.FAULT, NO_MEMORY, Optional.of(fault));
    }

    static Verdict reaching(Facts facts, long address) {
        return new Verdict(facts.isMemory(address) ? DmaStatus.OK : DmaStatus.NO_TARGET, address, Optional.empty());
    }

    boolean reachesMemory() {
        return status == DmaStatus.OK && address != NO_MEMORY;
    }
}
