package sluicegate.core.impl.dma;

/** The domain behind a {@link DmaSpace}. */
public interface DmaMappings {
    String name();

    /** The smallest page that it maps now, in bytes. */
    long granule();

    /** As {@link sluicegate.api.Domain#map}. */
    void map(long iova, long address, long size, int prot);

    /**
     * Unmaps all that a range holds, and gives it back to the space's allocator once the hardware has forgotten it, at once or
     * later as the domain's type says.
     *
     * @param mapped bytes from its start to the end of what is mapped in it
     * @param length of the range as it was allocated
     * @return how many bytes were mapped; 0 if no mapping begins at the start or ends at the end, and nothing has changed then
     */
    long release(long iova, long mapped, long length);

    /** The physical address behind {@code iova}, or {@link sluicegate.api.driver.DriverDomain#NOT_MAPPED}. */
    long addressOf(long iova);
}
