package sluicegate.core.impl.pci;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.grouping.Isolation;
import sluicegate.api.grouping.PciGroup.Kind;
import sluicegate.api.grouping.PciGroup.Reason;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PciFunction.PcieType;

/**
 * Groups by the rules of {@link GroupingRules.Generation#BUSES}: {@code pci_device_group}, {@code pci_bus_isolated} and {@code
 * pci_reachable_set} of the series "Fix incorrect iommu_groups with PCIe ACS", version 3 (linux-pci, September 2025). Whether a
 * bridge to conventional PCI has registers in memory is not known here; it is taken to have none, as most have. Bridges have to
 * be asked about before what is behind them. Used by one thread, once for each function.
 */
final class BusGrouping {
    private final Function<PciFunction, Collection<PciFunction>> onBus;
    private final GroupingRules rules;
    private final Map<PciFunction, Integer> groups = new HashMap<>();
    /** Groups that capture whatever is below one of their members. */
    private final Set<Integer> spread = new HashSet<>();
    private int next;

    /** How far the devices on a bus can reach ({@code enum pci_bus_isolation}). */
    private enum Reach {
        APART,
        EACH_OTHER,
        BRIDGE_TOO
    }

    BusGrouping(Function<PciFunction, Collection<PciFunction>> onBus, GroupingRules rules) {
        this.onBus = onBus;
        this.rules = rules;
    }

    PciGrouping.Found<Integer> add(PciFunction function) {
        var found = find(function);
        int group = found.group().orElseGet(() -> next++);
        groups.put(function, group);
        if (found.reason().kind() == Kind.SWITCH || found.reason().kind() == Kind.BELOW) {
            spread.add(group);
        }
        if (found.reason().kind() == Kind.ALONE && reachable(function).size() > 1) {
            spread.add(group); // the first of several that reach each other
        }
        return new PciGrouping.Found<>(Optional.of(group), found.reason());
    }

    private PciGrouping.Found<Integer> find(PciFunction function) {
        var source = function.dmaSource();
        if (source != function && groups.containsKey(source)) {
            return joined(function, Kind.ALIAS, source, List.of());
        }
        var bridge = function.upstreamBridge();
        if (bridge.isEmpty()) {
            return amongReachable(function, List.of());
        }
        var above = Optional.ofNullable(groups.get(bridge.get()));
        if (above.filter(spread::contains).isPresent()) {
            return joined(function, Kind.BELOW, bridge.get(), List.of());
        }
        var decisive = new ArrayList<Isolation>();
        return switch (reach(bridge.get(), function, decisive)) {
            case APART -> amongReachable(function, decisive);
            case BRIDGE_TOO -> above.isPresent() ? joined(function, Kind.BELOW, bridge.get(), decisive)
                    : new PciGrouping.Found<>(Optional.empty(), new Reason(function, Kind.BELOW, function, decisive));
            case EACH_OTHER -> onBus.apply(function).stream().filter(other -> other != function && groups.containsKey(other)).findFirst()
                    .map(other -> joined(function, Kind.SWITCH, other, decisive))
                    .orElseGet(() -> new PciGrouping.Found<>(Optional.empty(), new Reason(function, Kind.SWITCH, function, decisive)));
        };
    }

    private PciGrouping.Found<Integer> joined(PciFunction function, Kind kind, PciFunction with, List<Isolation> decisive) {
        return new PciGrouping.Found<>(Optional.of(groups.get(with)), new Reason(function, kind, with, decisive));
    }

    private Reach reach(PciFunction bridge, PciFunction function, List<Isolation> decisive) {
        switch (bridge.pcieType()) {
            case ROOT_PORT, DOWNSTREAM_PORT -> {
                decisive.add(AcsPath.isolation(bridge, rules));
                return decisive.get(0).isolates() ? Reach.APART : Reach.BRIDGE_TOO;
            }
            case UPSTREAM_PORT -> {
                for (var port : onBus.apply(function)) {
                    if (port.pcieType() != PcieType.DOWNSTREAM_PORT || !port.dmaAliases().isEmpty()) {
                        decisive.add(AcsPath.isolation(port, rules));
                        return Reach.BRIDGE_TOO;
                    }
                    var isolation = AcsPath.isolation(port, rules);
                    if (!isolation.isolates()) {
                        decisive.add(isolation);
                        return Reach.EACH_OTHER;
                    }
                }
                return Reach.APART;
            }
            case PCIE_TO_PCI_BRIDGE -> {
                decisive.add(AcsPath.isolation(bridge, rules));
                return Reach.EACH_OTHER;
            }
            default -> {
                decisive.add(AcsPath.isolation(bridge, rules));
                return Reach.BRIDGE_TOO;
            }
        }
    }

    private PciGrouping.Found<Integer> amongReachable(PciFunction function, List<Isolation> path) {
        var decisive = new ArrayList<>(path);
        decisive.add(AcsPath.isolation(function, rules));
        for (var other : reachable(function)) {
            if (other != function && groups.containsKey(other)) {
                var kind = PciAliases.alias(function, other) ? Kind.ID : Kind.SLOT;
                decisive.add(AcsPath.isolation(other, rules));
                return joined(function, kind, other, decisive);
            }
        }
        return new PciGrouping.Found<>(Optional.empty(), new Reason(function, Kind.ALONE, function, decisive));
    }

    /** Those of its bus that share ids with it or reach it inside a device, by way of others too ({@code pci_reachable_set}). */
    private Set<PciFunction> reachable(PciFunction function) {
        var set = new LinkedHashSet<PciFunction>();
        var open = new ArrayList<PciFunction>(List.of(function));
        while (!open.isEmpty()) {
            var one = open.remove(open.size() - 1);
            if (set.add(one)) {
                onBus.apply(one).stream().filter(other -> PciAliases.alias(one, other) || reachEachOther(one, other)).forEach(open::add);
            }
        }
        return set;
    }

    /** Functions of a device ({@code pci_mfds_are_same_group}): one without any ACS is taken not to loop requests back. */
    private boolean reachEachOther(PciFunction one, PciFunction other) {
        if (one == other || one.virtualFunction() || other.virtualFunction() || one.address().device() != other.address().device()) {
            return false;
        }
        return loopsBack(one) || loopsBack(other);
    }

    private boolean loopsBack(PciFunction function) {
        return function.hasAcs() && !AcsPath.isolation(function, rules).isolates();
    }
}
