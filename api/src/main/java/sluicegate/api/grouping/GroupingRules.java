package sluicegate.api.grouping;

import java.util.Set;

/**
 * By which rules to group.
 *
 * @param generation the kernel's
 * @param vendorsCount whether what vendors say of their devices counts ({@code pci_dev_specific_acs_enabled}); kernels always do
 * @param override what is to count as isolated though it is not
 */
public record GroupingRules(Generation generation, boolean vendorsCount, AcsOverride override) {
    /** What kernels do that were not told otherwise. */
    public static final GroupingRules KERNEL = new GroupingRules(Generation.PATHS, true, AcsOverride.NONE);

    /** How a kernel finds the group of a function. */
    public enum Generation {
        /** {@code pci_device_group} since 3.16: each function looks for the part of its own path that isolates. */
        PATHS,
        /**
         * The rework posted in 2025 ("Fix incorrect iommu_groups with PCIe ACS", version 3): the first bus that does not isolate
         * captures all below it, ports of a switch isolate together or not at all, and functions of a device without any
         * ACS count as apart.
         */
        BUSES
    }

    /**
     * The patch that distributions carry as {@code pcie_acs_override=}: some functions count as isolated. It applies to PCI Express
     * functions without an ACS capability only.
     *
     * @param downstream root ports and downstream ports of switches
     * @param multifunction functions of multi-function devices
     * @param ids vendor and device ids, {@code vendor << 16 | device}
     */
    public record AcsOverride(boolean downstream, boolean multifunction, Set<Integer> ids) {
        /** Nothing is overridden. */
        public static final AcsOverride NONE = new AcsOverride(false, false, Set.of());

        public AcsOverride {
            ids = Set.copyOf(ids);
        }
    }
}
