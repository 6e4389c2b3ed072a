package sluicegate.core.impl.pci;

import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import sluicegate.api.platform.PciFunction;

/**
 * Finds the group that a PCI function must join ({@code pci_device_group}).
 *
 * @param <G> what a group is
 * @param groupOf the group of a function that was probed before
 * @param slot the functions that are known in the slot of a function, itself among them
 */
public record PciGrouping<G>(Function<PciFunction, Optional<G>> groupOf,
        Function<PciFunction, Collection<PciFunction>> slot) {

    /** The group of functions that cannot be told apart from {@code function}; empty if it is to have a new one. */
    public Optional<G> find(PciFunction function) {
        var top = function;
        for (var alias : PciAliases.of(function)) {
            top = alias.owner();
            var group = groupOf.apply(top);
            if (group.isPresent()) {
                return group;
            }
        }
        for (var up = top.upstreamBridge(); up.isPresent(); up = top.upstreamBridge()) {
            if (AcsPath.isolatedToRoot(up.get())) {
                break;
            }
            top = up.get();
            var group = groupOf.apply(top);
            if (group.isPresent()) {
                return group;
            }
        }
        return ofSlotMates(top);
    }

    /** Functions of one slot that do not isolate reach each other inside the device. */
    private Optional<G> ofSlotMates(PciFunction function) {
        if (!AcsPath.multifunction(function) || AcsPath.isolates(function)) {
            return Optional.empty();
        }
        for (var mate : slot.apply(function)) {
            if (mate != function && !AcsPath.isolates(mate)) {
                var group = groupOf.apply(mate);
                if (group.isPresent()) {
                    return group;
                }
            }
        }
        return Optional.empty();
    }
}
