package sluicegate.firmware;

import java.util.Optional;
import sluicegate.api.platform.PciAddress;

/**
 * An IOMMU of a machine description: which hardware it is, where, and what it can do.
 */
public sealed interface UnitDescription permits UnitDescription.Vtd, UnitDescription.Smmuv3, UnitDescription.Amdvi,
        UnitDescription.Other {

    /** What it is called in its machine, as the kernel calls it. */
    String name();

    /** Physical address of its registers. */
    long base();

    /** Size of its register window in bytes. */
    long registerSize();

    /** Where it is described, for messages: file and offset. */
    String origin();

    /** Why there can be no such unit: one sentence. Nothing behind it may have its DMA go elsewhere then. */
    Optional<String> problem();

    /**
     * An Intel VT-d unit.
     *
     * @param features what it can do; the usual if there is a problem
     */
    record Vtd(String name, String origin, Dmar.Drhd drhd, VtdFeatures features, Optional<String> problem)
            implements UnitDescription {
        @Override
        public long base() {
            return drhd.base();
        }

        @Override
        public long registerSize() {
            return drhd.registerSize();
        }
    }

    /**
     * An IOMMU of which there is no model: it is known whom it groups.
     *
     * @param compatible what it is, such as {@code riscv,iommu}
     * @param base physical address of its registers, 0 if the table tells none
     * @param function the PCI function that it is, if it is one
     */
    record Other(String name, String origin, String compatible, long base, Optional<PciAddress> function) implements UnitDescription {
        /** The table does not tell. */
        @Override
        public long registerSize() {
            return 0;
        }

        @Override
        public Optional<String> problem() {
            return Optional.of(origin + ": there is no model of " + compatible);
        }
    }

    /**
     * An AMD IOMMU.
     *
     * @param features what it can do; the usual if there is a problem
     */
    record Amdvi(String name, String origin, Ivrs.Unit ivhd, AmdviFeatures features, Optional<String> problem)
            implements UnitDescription {
        @Override
        public long base() {
            return ivhd.base();
        }

        @Override
        public long registerSize() {
            return ivhd.registerSize();
        }
    }

    /**
     * An Arm SMMU of version 3, described by an IORT or by a device tree.
     *
     * @param coherent whether firmware says that its table walks are coherent with the caches
     * @param interrupts its wired interrupts
     * @param numaNode where it is, if the table tells
     * @param features what it can do; the usual if there is a problem
     */
    record Smmuv3(String name, String origin, long base, long registerSize, boolean coherent, Interrupts interrupts,
            Optional<Long> numaNode, Smmuv3Features features, Optional<String> problem) implements UnitDescription {

        /**
         * Wired interrupts of an SMMU, as numbers of the interrupt controller; empty where it has none.
         *
         * @param event of the event queue
         * @param pri of the page request queue
         * @param gerror of global errors
         * @param sync of command synchronisation
         */
        public record Interrupts(Optional<Long> event, Optional<Long> pri, Optional<Long> gerror, Optional<Long> sync) {}
    }
}
