package sluicegate.api.dma;

/**
 * Memory that a device and its driver use at the same time.
 *
 * @param address physical address, a multiple of 4096
 * @param iova where the device finds it
 * @param size in bytes, as it was asked for
 */
public record CoherentBuffer(long address, long iova, long size) {}
