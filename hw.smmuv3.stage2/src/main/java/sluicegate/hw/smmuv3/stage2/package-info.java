/**
 * A second driver for Arm SMMUv3, for those who want devices in stage 2 as a hypervisor has its guests: every DMA domain has tables
 * of stage 2 and a VMID. There are no context descriptors in memory, and so no PASIDs, no shared address spaces, no dirty
 * tracking (which this platform has in stage 1) and no nested domains.
 *
 * <p>All of it is {@code sluicegate.hw.smmuv3}, of which this bundle carries a copy, told to see units as if they had no stage 1.
 * It ranks below that driver, so a unit gets it where the other one is not there or by {@code iommu:swap}.
 *
 * <p>What may come in: what makes this choice. What drives an SMMUv3 belongs into the other bundle.
 */
package sluicegate.hw.smmuv3.stage2;
