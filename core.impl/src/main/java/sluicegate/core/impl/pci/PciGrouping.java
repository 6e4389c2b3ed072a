package sluicegate.core.impl.pci;

import java.util.BitSet;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import sluicegate.api.platform.PciFunction;

/**
 * Finds the group that a PCI function must join ({@code pci_device_group}).
 *
 * @param <G> what a group is
 * @param groupOf the group of a function that was probed before
 * @param onBus the functions that are known on the bus of a function, itself among them
 */
public record PciGrouping<G>(Function<PciFunction, Optional<G>> groupOf,
        Function<PciFunction, Collection<PciFunction>> onBus) {

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
        var asked = new BitSet(256);
        var ofAliases = ofAliases(top, asked);
        return ofAliases.isPresent() ? ofAliases : ofSlotMates(top, asked);
    }

    /**
     * The group of the function or of one that uses the same ids ({@code get_pci_alias_group}). What another function aliases
     * counts too: ids go round in circles.
     *
     * @param asked device and function numbers of those whose aliases were looked for
     */
    private Optional<G> ofAliases(PciFunction function, BitSet asked) {
        if (asked.get(function.address().devfn())) {
            return Optional.empty();
        }
        asked.set(function.address().devfn());
        var own = groupOf.apply(function);
        if (own.isPresent()) {
            return own;
        }
        for (var other : onBus.apply(function)) {
            if (other != function && PciAliases.alias(function, other)) {
                var group = ofAliases(other, asked).or(() -> ofSlotMates(other, asked));
                if (group.isPresent()) {
                    return group;
                }
            }
        }
        return Optional.empty();
    }

    /** Functions of one slot that do not isolate reach each other inside the device ({@code get_pci_function_alias_group}). */
    private Optional<G> ofSlotMates(PciFunction function, BitSet asked) {
        if (!AcsPath.multifunction(function) || AcsPath.isolates(function)) {
            return Optional.empty();
        }
        for (var mate : onBus.apply(function)) {
            if (mate != function && mate.address().device() == function.address().device() && !AcsPath.isolates(mate)) {
                var group = ofAliases(mate, asked);
                if (group.isPresent()) {
                    return group;
                }
            }
        }
        return Optional.empty();
    }
}
