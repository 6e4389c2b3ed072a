/**
 * The DMA layer: what device drivers map their buffers with, the counterpart of {@code drivers/iommu/dma-iommu.c} and {@code
 * kernel/dma}. {@link sluicegate.core.impl.dma.DeviceDma} is one device's; {@link sluicegate.core.impl.dma.DmaSpace} is what a
 * default domain has for it, and {@link sluicegate.core.impl.dma.BouncePool} what a machine has. The core tells it by {@link
 * sluicegate.core.impl.dma.DmaRoute} which way a device's DMA goes and maps by {@link
 * sluicegate.core.impl.dma.DmaMappings}; nothing here knows a group, a unit or a driver.
 *
 * <p>Locks: a domain's mutex is taken by calls to {@code DmaMappings}. Those of this package (the doorbells of a space, the contents of
 * a bounce pool, the log of debug mode) come after it; nothing is called under them but the IOVA allocator and memory, and for the
 * doorbells, which come before it, the domain.
 */
package sluicegate.core.impl.dma;
