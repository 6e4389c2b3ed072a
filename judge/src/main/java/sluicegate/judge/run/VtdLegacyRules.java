package sluicegate.judge.run;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import sluicegate.api.types.Access;
import sluicegate.judge.program.Step;
import sluicegate.spec.vtd.FaultReason;

/** The manual's legacy mode. */
final class VtdLegacyRules extends VtdRules {
    /** Buses whose root entry is present: a driver makes a context table when a device of the bus is first let through. */
    private final Set<Integer> busesWithTable = new HashSet<>();

    VtdLegacyRules(Facts facts) {
        super(facts, FaultReason.ADDRESS_IN_INTERRUPT_RANGE);
        // On bus 0 are devices that no program uses; they are in their default domains.
        busesWithTable.add(0);
    }

    @Override
    void moved(IntFunction<String> domainOf) {
        for (int device = 0; device < facts().deviceCount(); device++) {
            if (!domainOf.apply(device).equals(Step.BLOCKED)) {
                busesWithTable.add(facts().devices().get(device).sourceId() >>> 8);
            }
        }
    }

    /** Everything is as it was, but blocked devices get no table. */
    @Override
    void renewed() {
        busesWithTable.clear();
        busesWithTable.add(0);
    }

    @Override
    FaultReason blocked(Facts.Port device) {
        return busesWithTable.contains(device.sourceId() >>> 8)
                ? FaultReason.CONTEXT_ENTRY_NOT_PRESENT
                : FaultReason.ROOT_ENTRY_NOT_PRESENT;
    }

    @Override
    Optional<FaultReason> passThrough(long iova) {
        return beyond(facts().physicalBits(), iova, FaultReason.ADDRESS_BEYOND_WIDTH);
    }

    @Override
    Optional<FaultReason> page(Optional<Mapped.Leaf> leaf, long iova, Access access) {
        return beyond(facts().addressBits(), iova, FaultReason.ADDRESS_BEYOND_WIDTH)
                .or(() -> leaf.filter(page -> (page.prot() & access.prot()) != 0).isPresent()
                        ? Optional.empty()
                        : Optional.of(access == Access.WRITE ? FaultReason.WRITE_NOT_PERMITTED : FaultReason.READ_NOT_PERMITTED));
    }
}
