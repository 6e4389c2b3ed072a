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
     * @param keepLogs whether events and page requests are to wait in their logs for the next driver ({@link LeftLog})
     */
    void stop(boolean keepLogs) {
        pageRequests.ifPresent(log -> stop(log.ring(), log::refuseAll, keepLogs));
        invalidator.commands().drain();
        invalidator.commands().stop();
        stop(events.ring(), events::drain, keepLogs);
    }

    private static void stop(LogRing log, Runnable drain, boolean keep) {
        log.enableInterrupts(false);
        if (!keep) {
            log.halt();
            drain.run(); // what was on its way when devices were told to be silent
            log.free();
        }
    }

    /** Whether a page of the arena is one of theirs. */
    boolean uses(long page) {
        return deviceTable.uses(page) || invalidator.commands().uses(page)
                || events.ring().uses(page) || pageRequests.filter(log -> log.ring().uses(page)).isPresent();
    }
}
