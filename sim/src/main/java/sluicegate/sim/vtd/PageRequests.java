package sluicegate.sim.vtd;

import sluicegate.sim.cache.InFlight;
import sluicegate.sim.unit.Devices;
import sluicegate.spec.vtd.PageGroupResponseDescriptor;

/**
 * What becomes of the page requests of devices (VT-d 7.4.1): those that the tables allow go into the queue, and with them goes
 * what the IOTLB knows of their page; the others the unit answers by itself. Software's answers go out through the invalidation
 * queue.
 *
 * <p>Thread-safe.
 */
final class PageRequests {
    private final TranslationEngine engine;
    private final Invalidator invalidator;
    private final PageRequestQueue queue;
    private final InFlight underWay = new InFlight();
    private volatile Devices devices = Devices.ABSENT;

    PageRequests(TranslationEngine engine, Invalidator invalidator, PageRequestQueue queue) {
        this.engine = engine;
        this.invalidator = invalidator;
        this.queue = queue;
    }

    /** Whom it answers. */
    void setDevices(Devices listener) {
        devices = listener;
    }

    /** Takes a page request. */
    void request(PageRequest request) {
        int ticket = underWay.enter();
        try {
            int code = take(request);
            if (code >= 0 && request.needsResponse()) {
                respond(request.sourceId(), request.pasid(), request.group(), code);
            }
        } finally {
            underWay.exit(ticket);
        }
    }

    /** Returns the unit's own answer, if there were to be one (table 31); negative if software is to answer. */
    private int take(PageRequest request) {
        var entry = engine.pageRequest(request);
        if (entry.isEmpty()) {
            return PageGroupResponseDescriptor.INVALID;
        }
        invalidator.onPageRequest(entry.get(), request.address());
        return switch (queue.add(request)) {
            case ACCEPTED -> -1;
            case OVERFLOW -> PageGroupResponseDescriptor.SUCCESS;
            case UNWRITABLE -> PageGroupResponseDescriptor.INVALID;
        };
    }

    /** An answer goes out to a device. */
    void respond(int sourceId, int pasid, int group, int code) {
        devices.respond(sourceId, pasid, group, code);
    }

    /** Returns when every request that has been received so far can be found in the queue or has been answered. */
    void drain() {
        underWay.drain();
    }
}
