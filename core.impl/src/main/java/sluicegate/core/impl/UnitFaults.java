package sluicegate.core.impl;

import java.time.Instant;
import java.util.Optional;
import sluicegate.api.Fault;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.PageRequest;
import sluicegate.core.impl.fault.FaultDesk;

/** Takes what the hardware of one unit reports, for as long as one driver is bound to it. Takes no lock but the monitor
 * that guards a device's page requests. */
final class UnitFaults implements FaultSink {
    private final CoreUnit unit;
    private final FaultDesk desk;
    private volatile boolean over;
    /** How often the driver has read how far the queue of page requests reaches; written by one thread at a time. */
    private volatile int reading;

    UnitFaults(CoreUnit unit, FaultDesk desk) {
        this.unit = unit;
        this.desk = desk;
    }

    /** From here on nothing is taken: the driver that reports is gone. */
    void end() {
        over = true;
    }

    @Override
    public void fault(FaultRecord record) {
        if (!over) {
            Optional<String> device = unit.sources().find(record.sourceId()).map(CoreDevice::name);
            desk.report(new Fault(unit.name(), device, record.sourceId(), record.pasid(), record.iova(), record.access(),
                    record.code(), record.name(), record.reason(), Instant.now()));
        }
    }

    @Override
    public void overflow() {
        if (!over) {
            desk.overflow(unit.name());
            unit.deviceMap().values().forEach(device -> device.bound().ifPresent(bound -> bound.requests().discardPartial()));
        }
    }

    @Override
    public void pageRequest(PageRequest request) {
        offer(request);
    }

    @Override
    public boolean offer(PageRequest request) {
        if (over) {
            return false;
        }
        var device = unit.sources().find(request.sourceId());
        var bound = device.flatMap(CoreDevice::bound);
        if (bound.isPresent()) {
            bound.get().requests().report(request, reading, device.get().requestTarget(request.pasid()));
        }
        return bound.isPresent();
    }

    @Override
    public void pageRequestsRead() {
        reading++;
    }

    @Override
    public void pageRequestKept(int sourceId) {
        if (!over) {
            unit.sources().find(sourceId).flatMap(CoreDevice::bound).ifPresent(bound -> bound.requests().kept(sourceId, reading));
        }
    }
}
