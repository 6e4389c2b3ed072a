package sluicegate.core.impl;

import java.time.Instant;
import java.util.Optional;
import sluicegate.api.Fault;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.core.impl.fault.FaultDesk;

/** Takes what the hardware of one unit reports, for as long as one driver is bound to it. Takes no lock. */
final class UnitFaults implements FaultSink {
    private final CoreUnit unit;
    private final FaultDesk desk;
    private volatile boolean over;

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
        }
    }

    /** Nobody can serve page requests yet, so they are answered Invalid, as the kernel does without a handler. */
    @Override
    public void pageRequest(PageRequest request) {
        if (over || !request.last()) {
            return;
        }
        unit.sources().find(request.sourceId()).flatMap(CoreDevice::bound).ifPresent(bound -> {
            try {
                bound.binding().ops().pageResponse(bound.context(), request, PageResponse.INVALID);
            } catch (RuntimeException | LinkageError e) {
                unit.log("answering a page request", e);
            }
        });
    }
}
