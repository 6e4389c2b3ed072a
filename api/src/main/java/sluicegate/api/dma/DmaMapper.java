package sluicegate.api.dma;

import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.Device;
import sluicegate.api.types.IommuException;

/**
 * Makes a device's driver's buffers reachable for the device, and nothing else. What stands between the device and memory is hidden:
 * in a DMA domain a buffer gets an IOVA and a mapping, invalidated at unmap (strict) or some 10 ms later for many at once (DMA-FQ);
 * behind an identity domain, and without an IOMMU, the IOVA is the physical address. Where the device can't or must not reach the
 * buffer itself, its contents are copied through a bounce buffer.
 *
 * <p>Thread-safe, but for each {@link ScatterList}. Mapping and unmapping allocate nothing in steady state, unless misuse is being looked
 * for ({@link DmaMappers#setDmaDebug}). A buffer belongs to the device from map to unmap; the driver may look at it meanwhile only
 * between {@link #syncForCpu} and {@link #syncForDevice}.
 *
 * <p>Mapping fails with ENODEV if the device is gone or refused all DMA, EPROBE_DEFER while it waits for its IOMMU, EBUSY while it is being
 * reset or its group is attached to another domain than its default one, ENOSPC if the device can name no free IOVA that would do,
 * ENOMEM without memory for page tables or bounce buffers, EOVERFLOW if the device reaches memory directly, can't name the address, and
 * it can't be bounced either, EINVAL for a size of 0 or a range that passes 2^64. Unmapping works as long as the default domain is
 * there: what was mapped in one that has been replaced since is gone with it, and fails with EINVAL.
 */
@ProviderType
public interface DmaMapper {

    /** The highest address that {@code width} bits can name, 1 to 64 ({@code DMA_BIT_MASK}). */
    static long bits(int width) {
        return -1L >>> 64 - width;
    }

    Device device();

    // ---- what the device can do

    /**
     * Says which addresses the device can name: all up to {@code mask}. 32 bits until it is said ({@code dma_set_mask}). On PCI the
     * device gets addresses of 32 bits all the same as long as there are any.
     *
     * @throws IommuException EIO if the device could reach no memory with it, not even through a bounce buffer or an IOVA
     */
    void setMask(long mask);

    /** The same for {@link #allocateCoherent} ({@code dma_set_coherent_mask}). @throws IommuException EIO */
    void setCoherentMask(long mask);

    /** The highest address that it can name in streaming mappings. */
    long mask();

    /** The highest address that it can name in coherent buffers. */
    long coherentMask();

    /** The longest range that a scatter list's pieces may be merged to; 64 KiB until it is said ({@code dma_set_max_seg_size}). @throws IommuException EINVAL for 0 */
    void setMaxSegmentSize(long bytes);

    /**
     * Addresses that no range of a scatter list may cross: the multiples of {@code mask + 1}. 2^32 until it is said ({@code
     * dma_set_seg_boundary}).
     *
     * @throws IommuException EINVAL if {@code mask + 1} is no power of two of at least the domain's smallest page
     */
    void setSegmentBoundary(long mask);

    /** The longest buffer that can be mapped in one; less than 2^64 - 1 where buffers may have to be bounced ({@code dma_max_mapping_size}). */
    long maxMappingSize();

    // ---- buffers that both use at the same time

    /**
     * Allocates zeroed memory that device and driver use together, without handing it over ({@code dma_alloc_coherent}).
     *
     * @param size in bytes, rounded up to whole pages
     * @throws IommuException as mapping does; EOVERFLOW also if the memory lies where the coherent mask does not reach
     */
    CoherentBuffer allocateCoherent(long size);

    /**
     * Gives one back. In DMA-FQ domains the memory is nobody else's before the hardware has forgotten the buffer, some 10 ms later.
     *
     * @throws IommuException EINVAL if it is not mapped
     */
    void freeCoherent(CoherentBuffer buffer);

    // ---- buffers that are handed over

    /**
     * Hands a buffer to the device ({@code dma_map_single}).
     *
     * @param address physical address, of any alignment
     * @param size in bytes
     * @param direction what the device may do with it
     * @param attributes {@link DmaAttributes} bits
     * @return what to tell the device
     */
    long mapSingle(long address, long size, DmaDirection direction, int attributes);

    /**
     * Takes a buffer back: what the device wrote is there, and it can't reach it any more, or only for some 10 ms in DMA-FQ domains, in
     * which nothing else is found there.
     *
     * @param iova as {@link #mapSingle} returned it; size, direction and attributes as they were given to it
     * @throws IommuException EINVAL if nothing is mapped there; what the hardware fails with if it does not forget it
     */
    void unmapSingle(long iova, long size, DmaDirection direction, int attributes);

    /**
     * {@link #mapSingle} for a part of a page ({@code dma_map_page}).
     *
     * @param page physical address of the page
     * @param offset in bytes from there
     */
    default long mapPage(long page, long offset, long size, DmaDirection direction, int attributes) {
        return mapSingle(page + offset, size, direction, attributes);
    }

    /** {@link #unmapSingle} for what {@link #mapPage} mapped. */
    default void unmapPage(long iova, long size, DmaDirection direction, int attributes) {
        unmapSingle(iova, size, direction, attributes);
    }

    /**
     * Hands a scatter list to the device, all of it or nothing ({@code dma_map_sg}). In a DMA domain the pieces follow each other in one
     * range of IOVAs, so that those that end and begin at pages become one, within the segment size and boundary.
     *
     * @return how many ranges to tell the device, {@link ScatterList#mapped}
     * @throws IommuException EBUSY if the list is mapped; EINVAL if it is empty, and for everything that is not ENOMEM, as in the
     *     kernel; the sentence says what it was
     */
    int mapScatterList(ScatterList list, DmaDirection direction, int attributes);

    /** Takes one back; otherwise as {@link #unmapSingle}. */
    void unmapScatterList(ScatterList list, DmaDirection direction, int attributes);

    /**
     * Lets the driver look at a buffer, or a part of it, that stays mapped ({@code dma_sync_single_for_cpu}).
     *
     * @param iova anywhere in the buffer
     * @param direction as it was mapped
     */
    void syncForCpu(long iova, long size, DmaDirection direction);

    /** Hands it to the device again ({@code dma_sync_single_for_device}). */
    void syncForDevice(long iova, long size, DmaDirection direction);

    /** {@link #syncForCpu} for all of a scatter list. */
    default void syncForCpu(ScatterList list, DmaDirection direction) {
        for (int i = 0; i < list.mapped(); i++) {
            syncForCpu(list.iova(i), list.mappedLength(i), direction);
        }
    }

    /** {@link #syncForDevice} for all of a scatter list. */
    default void syncForDevice(ScatterList list, DmaDirection direction) {
        for (int i = 0; i < list.mapped(); i++) {
            syncForDevice(list.iova(i), list.mappedLength(i), direction);
        }
    }

    // ---- what is no memory

    /** Lets the device reach registers of another one ({@code dma_map_resource}); never bounced. Otherwise as {@link #mapSingle}. */
    long mapResource(long address, long size, DmaDirection direction, int attributes);

    /** Takes that back. */
    void unmapResource(long iova, long size, DmaDirection direction, int attributes);

    /**
     * Lets the device write to the page of an interrupt controller's doorbell ({@code iommu_dma_prepare_msi}). The page is mapped once
     * for each domain, and stays mapped as long as the domain is there.
     *
     * @param address physical address of the doorbell
     * @return what to write into the device's MSI address register; the same address where the hardware tells interrupts apart itself
     */
    long mapMsiDoorbell(long address);
}
