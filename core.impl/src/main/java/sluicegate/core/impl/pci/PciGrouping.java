package sluicegate.core.impl.pci;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.grouping.Isolation;
import sluicegate.api.grouping.PciGroup.Kind;
import sluicegate.api.grouping.PciGroup.Reason;
import sluicegate.api.platform.PciFunction;

/**
 * Finds the group that a PCI function must join ({@code pci_device_group}).
 *
 * @param <G> what a group is
 * @param groupOf the group of a function that was probed before
 * @param onBus the functions that are known on the bus of a function, itself among them
 * @param rules what counts as isolated
 */
public record PciGrouping<G>(Function<PciFunction, Optional<G>> groupOf,
        Function<PciFunction, Collection<PciFunction>> onBus, GroupingRules rules) {

    /** As kernels do it that were told nothing else. */
    public PciGrouping(Function<PciFunction, Optional<G>> groupOf, Function<PciFunction, Collection<PciFunction>> onBus) {
        this(groupOf, onBus, GroupingRules.KERNEL);
    }

    /**
     * Where a function belongs.
     *
     * @param group empty if it is to have a new one
     */
    record Found<G>(Optional<G> group, Reason reason) {}

    /** A group that was found by way of a function of the same bus. */
    private record Match<G>(G group, Kind kind, PciFunction with) {}

    /** The group of functions that cannot be told apart from {@code function}; empty if it is to have a new one. */
    public Optional<G> find(PciFunction function) {
        return trace(function).group();
    }

    /** The same, with the reason. */
    Found<G> trace(PciFunction function) {
        var top = function;
        for (var alias : PciAliases.of(function)) {
            top = alias.owner();
            var group = groupOf.apply(top);
            if (group.isPresent()) {
                return new Found<>(group, new Reason(function, Kind.ALIAS, top, List.of()));
            }
        }
        var decisive = new ArrayList<Isolation>();
        for (var up = top.upstreamBridge(); up.isPresent(); up = top.upstreamBridge()) {
            var asked = AcsPath.toRoot(up.get(), rules);
            if (asked.get(asked.size() - 1).isolates()) {
                decisive.addAll(asked);
                break;
            }
            top = up.get();
            var group = groupOf.apply(top);
            if (group.isPresent()) {
                return new Found<>(group, new Reason(function, Kind.PATH, top, asked));
            }
        }
        var asked = new BitSet(256);
        var found = ofAliases(top, asked);
        if (found.isEmpty()) {
            found = ofSlotMates(top, asked);
        }
        decisive.add(AcsPath.isolation(top, rules));
        found.filter(match -> match.kind() == Kind.SLOT)
                .ifPresent(match -> decisive.add(AcsPath.isolation(match.with(), rules)));
        var kind = found.map(Match::kind).orElse(Kind.ALONE);
        var with = found.map(Match::with).orElse(function);
        return new Found<>(found.map(Match::group), new Reason(function, kind, with, decisive));
    }

    /**
     * The group of the function or of one that uses the same ids ({@code get_pci_alias_group}). What another function aliases
     * counts too: ids go round in circles.
     *
     * @param asked device and function numbers of those whose aliases were looked for
     */
    private Optional<Match<G>> ofAliases(PciFunction function, BitSet asked) {
        if (asked.get(function.address().devfn())) {
            return Optional.empty();
        }
        asked.set(function.address().devfn());
        var own = groupOf.apply(function);
        if (own.isPresent()) {
            return own.map(group -> new Match<>(group, Kind.ID, function));
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
    private Optional<Match<G>> ofSlotMates(PciFunction function, BitSet asked) {
        if (!AcsPath.multifunction(function) || isolates(function)) {
            return Optional.empty();
        }
        for (var mate : onBus.apply(function)) {
            if (mate != function && mate.address().device() == function.address().device() && !isolates(mate)) {
                var group = ofAliases(mate, asked);
                if (group.isPresent()) {
                    return group.map(match -> new Match<>(match.group(), match.with() == mate ? Kind.SLOT : match.kind(), match.with()));
                }
            }
        }
        return Optional.empty();
    }

    private boolean isolates(PciFunction function) {
        return AcsPath.isolation(function, rules).isolates();
    }
}
