/**
 * The driver for Arm System MMUs of architecture version 3 (SMMUv3). Section numbers are those of the specification, IHI 0070;
 * names of kernel functions are those of {@code drivers/iommu/arm/arm-smmu-v3}.
 */
package sluicegate.hw.smmuv3;
