/**
 * Devices of QEMU's made to issue DMA, and what became of it. What may come in: a device's registers as far as its DMA needs
 * them, and what QEMU tells about it. What may not: what an IOMMU does with the requests.
 *
 * <p>Which status a DMA has: {@code FAULT} if QEMU refused an access that its unit had refused, {@code NO_TARGET} if it refused
 * another one or the access went to something else than memory, {@code OK} otherwise. A part that is refused in its first four
 * bytes is not tried further; nothing but those was asked for.
 */
package sluicegate.qemu.dma;
