package sluicegate.core.impl;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import sluicegate.api.PageRequestHandler;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.SharedTables;
import sluicegate.core.impl.CoreDomain.Use;
import sluicegate.core.impl.iopf.RequestThreads;

/** All domains, in the order in which they were made. Reading takes no lock. */
final class DomainTable {
    private final FlushTimer flushTimer;
    private final RequestThreads requestThreads;
    private final AtomicLong made = new AtomicLong();
    private final AtomicLong named = new AtomicLong();
    private final ConcurrentNavigableMap<Long, CoreDomain> domains = new ConcurrentSkipListMap<>();

    DomainTable(FlushTimer flushTimer, RequestThreads requestThreads) {
        this.flushTimer = flushTimer;
        this.requestThreads = requestThreads;
    }

    FlushTimer flushTimer() {
        return flushTimer;
    }

    /** On which page requests to domains are handled. */
    RequestThreads requestThreads() {
        return requestThreads;
    }

    /** A default domain; it has no part in the driver yet. */
    CoreDomain makeDefault(CoreUnit unit, DomainType type) {
        return add(new CoreDomain(this, nextName(), unit, type, Use.DEFAULT, DomainPlan.PLAIN));
    }

    /** An application's domain; it has no part in the driver yet. */
    CoreDomain make(CoreUnit unit, Set<AllocFlag> flags, Optional<PageRequestHandler> handler) {
        return add(new CoreDomain(this, nextName(), unit, DomainType.UNMANAGED, Use.APPLICATION, DomainPlan.of(flags, handler)));
    }

    /** A nested domain; it has no part in the driver yet, but its parent knows of it. */
    CoreDomain makeNested(CoreUnit unit, DomainPlan.Nesting nesting) {
        nesting.parent().addNested();
        return add(new CoreDomain(this, nextName(), unit, DomainType.NESTED, Use.APPLICATION, DomainPlan.of(nesting)));
    }

    /** That of an address space for devices of a unit; it has no part in the driver yet. */
    CoreDomain makeShared(CoreUnit unit, SharedTables tables, PageRequestHandler handler) {
        return add(new CoreDomain(this, nextName(), unit, DomainType.SVA, Use.SHARED, DomainPlan.of(tables, handler)));
    }

    private String nextName() {
        return "dom" + named.getAndIncrement();
    }

    /** The identity or the blocked domain of a unit. */
    CoreDomain makeStatic(CoreUnit unit, DomainType type) {
        return add(new CoreDomain(this, unit.name() + "-" + type.word(), unit, type, Use.STATIC,
                DomainPlan.PLAIN));
    }

    private CoreDomain add(CoreDomain domain) {
        domains.put(made.getAndIncrement(), domain);
        return domain;
    }

    void remove(CoreDomain domain) {
        domains.values().remove(domain);
    }

    List<CoreDomain> all() {
        return List.copyOf(domains.values());
    }

    /** Those of a unit, the latest first: a nested domain before its parent. */
    List<CoreDomain> of(CoreUnit unit) {
        return domains.descendingMap().values().stream().filter(domain -> domain.unit() == unit).toList();
    }
}
