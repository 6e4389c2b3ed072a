package sluicegate.hw.amdvi;

import java.util.Optional;

/** What the operations of a unit work with, all started. */
record UnitParts(AmdviWindow window, DeviceTable deviceTable, Invalidator invalidator, EventLog events,
        Optional<PageRequestLog> pageRequests, UnitInterrupt interrupt) {

    /** Takes what the logs hold; the interrupt's handler. */
    void drainLogs() {
        events.drain();
        pageRequests.ifPresent(PageRequestLog::drain);
    }

    /**
     * Switches logs and command buffer off and gives their memory back.
     *
     * @param keepEvents whether events are to wait in their log for the next driver ({@link LeftEvents})
     */
    void stop(boolean keepEvents) {
        pageRequests.ifPresent(log -> {
            log.ring().enableInterrupts(false);
            log.ring().stop();
        });
        invalidator.commands().drain();
        invalidator.commands().stop();
        events.ring().enableInterrupts(false);
        if (!keepEvents) {
            events.ring().stop();
        }
    }

    /** Whether a page of the arena is one of theirs. */
    boolean uses(long page) {
        return deviceTable.uses(page) || invalidator.commands().uses(page)
                || events.ring().uses(page) || pageRequests.filter(log -> log.ring().uses(page)).isPresent();
    }
}
