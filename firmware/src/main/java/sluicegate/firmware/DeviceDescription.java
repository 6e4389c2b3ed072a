package sluicegate.firmware;

import java.util.List;
import java.util.Optional;

/**
 * A device that no bus discovers, behind a unit.
 *
 * @param name its path in the ACPI name space or in the device tree
 * @param inputs its ids, each at its unit; at least one, each once
 * @param canStall it can wait for stalled accesses
 * @param pasidBits bits of PASID that it supports, 0 for none
 * @param coherent its DMA is coherent with the caches
 * @param dmaLimit the highest address that its requests can have on their way
 * @param problem why it can't be told from other devices, or has no unit of its own: one sentence; it must not be used then
 */
public record DeviceDescription(String name, List<UnitInput> inputs, boolean canStall, int pasidBits, boolean coherent,
        long dmaLimit, Optional<String> problem) {
    public DeviceDescription {
        inputs = inputs.stream().distinct().toList();
    }
}
