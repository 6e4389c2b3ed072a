package sluicegate.api.driver;

import org.osgi.annotation.versioning.ProviderType;

/** Takes the faults and page requests of a unit. Thread-safe; never throws; does not block. */
@ProviderType
public interface FaultSink {

    /** An access that the hardware refused ({@code report_iommu_fault}). */
    void fault(FaultRecord record);

    /**
     * Records were lost because the hardware's log was full. Groups of page requests that were not closed yet are dropped. For the
     * queue of page requests it is called when that is empty, before hardware writes into it again: what is lost belongs to what was
     * reported before.
     */
    void overflow();

    /**
     * A device asks for a page ({@code iommu_report_device_fault}). The last request of each group is answered by {@link
     * IommuOps#pageResponse}, once. Drivers keep back stop markers, and answer themselves who is no device of theirs.
     */
    void pageRequest(PageRequest request);

    /**
     * The same, for a driver that can leave a request where hardware has put it. While drivers take each other's place the core lets
     * go of a device before the one that leaves is told to: what comes in between is best left to the next one.
     *
     * @return whether the core has taken the request; if not, nobody will answer it but a driver
     */
    default boolean offer(PageRequest request) {
        pageRequest(request);
        return true;
    }

    /**
     * The driver has read how far the hardware's queue of page requests reaches. What it reports until it calls this again was waiting
     * there all at once, and none of it had an answer: so the core sees who asks for more than it may.
     */
    default void pageRequestsRead() {}

    /**
     * The queue held something of a device that is not handed on: a request that the driver has answered itself, or a stop marker.
     *
     * @param sourceId requester or stream id, of a device or of nobody
     */
    default void pageRequestKept(int sourceId) {}
}
