package sluicegate.pgtable;

import sluicegate.api.driver.IotlbGather;

/**
 * What a page table asks of its driver when a map has to take something away again: an empty table that a large page
 * replaces, or the first part of a mapping whose second part met an existing one. Both are rare.
 */
@FunctionalInterface
public interface Invalidation {

    /**
     * Makes the hardware forget what is gathered, and gives the gathered tables back to the arena after that, as {@link
     * sluicegate.api.driver.DriverDomain#iotlbSync} does.
     */
    void complete(IotlbGather gather);
}
