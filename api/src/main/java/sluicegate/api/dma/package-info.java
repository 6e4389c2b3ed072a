/**
 * DMA for device drivers: buffers instead of addresses. A device driver maps a buffer for its device, with a direction and
 * a mask, and gets an IOVA back; strict or lazy invalidation, bounce buffers for untrusted devices and scatter lists are
 * this layer's business and not its caller's ({@code include/linux/dma-mapping.h}).
 *
 * <pre>{@code
 * @Reference DmaMappers mappers;
 *
 * var dma = mappers.dmaMapper(device);
 * dma.setMask(DmaMapper.bits(40));
 * var ring = dma.allocateCoherent(4096);
 * long iova = dma.mapSingle(buffer, length, DmaDirection.FROM_DEVICE, 0);
 * ... // the device writes to the IOVA
 * dma.unmapSingle(iova, length, DmaDirection.FROM_DEVICE, 0);
 * dma.freeCoherent(ring);
 * }</pre>
 *
 * <p>A buffer is a range of its machine's {@link sluicegate.api.platform.PhysicalMemory}; addresses that are called {@code address} are
 * physical ones, those that are called {@code iova} are what the device is to be told. Start from the service {@link
 * sluicegate.api.dma.DmaMappers}. What comes in here must be meant for drivers of devices; domains are none of their business.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.2.0")
package sluicegate.api.dma;
