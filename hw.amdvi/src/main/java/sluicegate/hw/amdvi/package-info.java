/**
 * The driver for AMD IOMMUs (AMD-Vi): device id to device table entry, from there to host page tables ("v1") or through a
 * table of PASIDs to guest page tables ("v2"). Section numbers are those of AMD's I/O Virtualization Technology specification
 * (48882); names of kernel functions are those of {@code drivers/iommu/amd}.
 *
 * <p>Rules that hold everywhere here. The hardware reads a device table entry whole, memory is written a word at a time: an entry
 * that translates changes by one store, or through a moment in which it blocks. V stays set in all entries, because without it
 * requests pass. Memory that hardware could reach is given back only after an invalidation has completed; where one does not
 * complete, the memory stays taken.
 *
 * <p>What may come in: what programs an AMD IOMMU. It never sees a model; it knows a unit as registers, memory,
 * configuration space and interrupts only.
 */
package sluicegate.hw.amdvi;
