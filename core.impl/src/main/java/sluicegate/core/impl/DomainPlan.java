package sluicegate.core.impl;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluicegate.api.PageRequestHandler;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.SharedTables;

/**
 * What a domain's parts in drivers are made by, whichever driver makes them.
 *
 * @param handler serves page requests
 * @param shared the tables of an address space, in place of its own
 */
record DomainPlan(Set<AllocFlag> flags, Optional<Nesting> nesting, Optional<PageRequestHandler> handler,
        Optional<SharedTables> shared) {
    static final DomainPlan PLAIN = new DomainPlan(Set.of(), Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * What a nested domain is made of.
     *
     * @param parent translates what the guest's tables lead to
     * @param guestTables as the guest wrote them
     */
    record Nesting(CoreDomain parent, List<Long> guestTables) {}

    DomainPlan {
        flags = flags.isEmpty() ? Set.of() : Set.copyOf(flags);
    }

    static DomainPlan of(Set<AllocFlag> flags, Optional<PageRequestHandler> handler) {
        return new DomainPlan(flags, Optional.empty(), handler, Optional.empty());
    }

    static DomainPlan of(Nesting nesting) {
        return new DomainPlan(Set.of(), Optional.of(nesting), Optional.empty(), Optional.empty());
    }

    static DomainPlan of(SharedTables tables, PageRequestHandler handler) {
        return new DomainPlan(Set.of(), Optional.empty(), Optional.of(handler), Optional.of(tables));
    }
}
