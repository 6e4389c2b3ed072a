package sluicegate.hw.amdvi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.PageRequest;

/** Keeps what a driver reports. */
final class Sink implements FaultSink {
    final List<FaultRecord> faults = Collections.synchronizedList(new ArrayList<>());
    final List<PageRequest> requests = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger overflows = new AtomicInteger();
    /** Whether it takes no page requests, as the core when a driver is about to leave. */
    volatile boolean closed;
    /** The device whose requests it does not take, as the core when it lets go of one. */
    volatile int gone = -1;

    @Override
    public void fault(FaultRecord record) {
        faults.add(record);
    }

    @Override
    public void overflow() {
        overflows.incrementAndGet();
    }

    @Override
    public void pageRequest(PageRequest request) {
        requests.add(request);
    }

    @Override
    public boolean offer(PageRequest request) {
        return !closed && request.sourceId() != gone && requests.add(request);
    }
}
