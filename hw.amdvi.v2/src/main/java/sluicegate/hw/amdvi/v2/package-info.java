/**
 * A second driver for AMD IOMMUs: DMA domains in guest page tables ("v2", {@code amd_iommu=pgtbl_v2}), the form that processors have.
 * It is the driver of {@code sluicegate.hw.amdvi}, of which this bundle carries a copy of its own, with another choice of tables
 * ({@link sluicegate.hw.amdvi.PagingTables#GUEST}), and what follows from that: units without guest tables for all requests are
 * refused; a device moves between domains by one store and has PASIDs beside any of them; addresses end at 47 or 56 bits, and pages have
 * three sizes.
 *
 * <p>It ranks below the other one and is not started by default. Each takes over in place what the other has left.
 *
 * <p>What may come in: nothing but the choice. How an AMD IOMMU is programmed belongs to {@code hw.amdvi}.
 */
package sluicegate.hw.amdvi.v2;
