package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.spec.smmuv3.PriRespCommand;

/**
 * What waits in the queues of a driver that left the unit translating, for one that does not go on with that: devices are blocked now,
 * so faults are reported, and who waits for a page is told that there is none.
 */
final class LeftReports {
    private final Smmuv3Window window;
    private final PhysicalMemory memory;
    private final FaultSink sink;
    private final IntPredicate answersWithPasid;
    private final List<PageRequest> stalls = new ArrayList<>();
    private final List<PageRequest> requests = new ArrayList<>();

    /** @param answersWithPasid whether the entry that was left for a stream says so (STE.PPAR): its device is not known yet */
    LeftReports(Smmuv3Window window, PhysicalMemory memory, FaultSink sink, IntPredicate answersWithPasid) {
        this.window = window;
        this.memory = memory;
        this.sink = sink;
        this.answersWithPasid = answersWithPasid;
    }

    /** Empties the queues that run, and switches them off. */
    void take() {
        if (window.isOn(Reports.EVENTS.enable())) {
            ReportQueue.left(window, memory, sink, Reports.EVENTS, this::event).drain();
            window.switchOff(Reports.EVENTS.enable());
        }
        if (window.isOn(Reports.PAGE_REQUESTS.enable())) {
            window.switchOff(Reports.PAGE_REQUESTS.enable());
            ReportQueue.left(window, memory, sink, Reports.PAGE_REQUESTS, this::request).drain();
        }
    }

    private boolean event(long address, boolean report) {
        long[] words = Reports.words(memory, address);
        var record = EventDecoder.decode(words);
        if (report) {
            sink.fault(record);
        }
        if (EventDecoder.isStall(words)) {
            stalls.add(RequestRecords.stall(words, record));
        }
        return true;
    }

    private boolean request(long address, boolean report) {
        long low = memory.get64(address);
        if (!RequestRecords.isStopMarker(low)) {
            var request = RequestRecords.pageRequest(low, memory.get64(address + Long.BYTES));
            if (request.last()) {
                requests.add(request);
            }
        }
        return true;
    }

    /** Ends them all: what is stalled aborts. */
    void refuse(CommandQueue queue) {
        stalls.forEach(stall -> queue.run(Commands.resume(stall.sourceId(), false), Commands.resumeHigh(stall.group())));
        requests.forEach(request -> queue.run(
                Commands.pageResponse(request.sourceId(), answersWithPasid.test(request.sourceId()) ? request.pasid() : Pasid.NONE),
                Commands.pageResponseHigh(request.group(), PriRespCommand.RESP_INVALID)));
    }
}
