package sluicegate.api;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Serves what the devices of a domain ask for ({@code iommu_domain::iopf_handler}). Given to a domain when it is allocated
 * ({@link Iommu#allocateDomain(Device, java.util.Set, PageRequestHandler)}), usually to map the pages and let the device try again.
 *
 * <p>Called on a thread of the core that belongs to nobody else: it may map, wait for a disk, or hand the group on and return.
 * Groups of one attachment (a PASID of a group, or its requests without one) are handed out one after another; those of
 * different attachments at once, so that one that is stuck holds up nobody else.
 */
@ConsumerType
@FunctionalInterface
public interface PageRequestHandler {

    /**
     * Takes over a group of requests. It is to be {@link PageRequestGroup#respond answered} sooner or later, from any thread; if this
     * throws before it was, it is answered with {@link sluicegate.api.driver.PageResponse#FAILURE}.
     */
    void handle(PageRequestGroup group);
}
