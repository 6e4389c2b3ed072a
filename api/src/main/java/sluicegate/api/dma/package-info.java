/**
 * DMA for device drivers: buffers instead of addresses. A device driver maps a buffer for its device, with a direction and
 * a mask, and gets an IOVA back; strict or lazy invalidation, bounce buffers for untrusted devices and scatter lists are
 * this layer's business and not its caller's ({@code include/linux/dma-mapping.h}).
 *
 * <p>The vocabulary is here, so that devices and domains already agree on it; the service comes with the DMA mapping
 * layer.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package sluicegate.api.dma;
