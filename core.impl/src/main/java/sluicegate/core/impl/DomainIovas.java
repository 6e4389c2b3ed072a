package sluicegate.core.impl;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.dma.DmaSpace;
import sluicegate.core.impl.iova.IovaAllocator;
import sluicegate.core.impl.ledger.MappingLedger;

/** Makes the IOVAs of a default domain ({@code iommu_dma_init_domain}). */
final class DomainIovas {
    private static final Logger LOG = LoggerFactory.getLogger(DomainIovas.class);
    /** How long freed IOVAs that no thread asks for stay apart ({@code IOVA_DEPOT_DELAY}). */
    private static final long RECLAIM_MILLIS = 100;

    private DomainIovas() {}

    /** Under the domain's mutex. */
    static DmaSpace make(DomainSpace domain, DriverPart part, DomainMappings mappings, List<ReservedRegion> reserved, FlushTimer timer) {
        var iovas = new IovaAllocator("Domain " + domain.name(), domain.granule(), part.apertureStart(),
                part.apertureEnd());
        var ledger = mappings.ledger();
        for (long p = ledger.first(); p != MappingLedger.NONE; p = ledger.next(p)) {
            iovas.reserve(ledger.startAt(p), ledger.startAt(p) + ledger.sizeAt(p) - 1);
        }
        var space = new DmaSpace(domain, iovas, reserved);
        mappings.whenForgotten((iova, size) -> {
            try {
                space.forgotten(iova, size);
            } catch (IommuException e) {
                LOG.error("An IOVA of domain {}, or the memory behind it, is lost", domain.name(), e);
            }
        });
        var due = new AtomicBoolean();
        iovas.onCrowded(() -> reclaimSoon(iovas, timer, due));
        return space;
    }

    private static void reclaimSoon(IovaAllocator iovas, FlushTimer timer, AtomicBoolean due) {
        if (due.compareAndSet(false, true)) {
            timer.start(() -> {
                due.set(false);
                if (iovas.reclaim()) {
                    reclaimSoon(iovas, timer, due);
                }
            }, RECLAIM_MILLIS);
        }
    }
}
