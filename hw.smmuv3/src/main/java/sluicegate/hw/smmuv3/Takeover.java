package sluicegate.hw.smmuv3;

import java.util.Map;
import sluicegate.api.platform.Interrupts;

/**
 * A unit that goes on translating by the tables of an earlier driver until each device is attached again. The address of the
 * stream table can't be changed while translation is on (section 6.3.24), so that table is gone on with: an entry stays as it
 * was left until its device is attached, and is replaced then as at any other attach, by an entry that leads to tables of
 * this driver. What a device has under SubstreamIDs goes along: its descriptors are copied into the new driver's table of them, and
 * each is replaced when its PASID is attached again.
 *
 * <p>ASIDs and VMIDs of what was left are given to nobody meanwhile: hardware may have translations of both drivers' tables cached,
 * which say the same, but not with the same page sizes. Events and page requests wait in the queues that were left, which are gone on
 * with as well, and are not looked at before all devices are known again. Those keep ATS, PASIDs and page requests as they have them.
 */
final class Takeover {
    private final LeftTables left;
    private final Interrupts interrupts;

    Takeover(LeftTables left, Interrupts interrupts) {
        this.left = left;
        this.interrupts = interrupts;
    }

    void begin(Ids asids, Ids vmids) {
        asids.reserve(left.asids());
        vmids.reserve(left.vmids());
    }

    /** The context descriptors that requests with SubstreamIDs of a stream find: by SubstreamID. */
    Map<Integer, long[]> substreams(long[] streamEntry) {
        return left.substreams(streamEntry[0]);
    }

    /** No entry leads to what was left any more, and hardware has forgotten it. */
    void end(StreamTable streams, Invalidator invalidator, Reports reports, Ids asids, Ids vmids) {
        asids.release(left.asids());
        vmids.release(left.vmids());
        var inUse = streams.blocks();
        left.freeTables(page -> inUse.contains(page) || invalidator.queues().uses(page) || reports.uses(page));
    }

    /** Events and page requests are served from here on. */
    void connect(Reports reports) {
        reports.connect(interrupts);
    }
}
