package sluicegate.core.impl.pci;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.osgi.service.component.annotations.Component;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.grouping.GroupingRules.Generation;
import sluicegate.api.grouping.Isolation;
import sluicegate.api.grouping.PciGroup;
import sluicegate.api.grouping.PciGroups;
import sluicegate.api.platform.PciFunction;

/** Groups functions that are not, or not yet, the core's. */
@Component
public final class GroupPrediction implements PciGroups {

    /** A group that grows. */
    private static final class Growing {
        final List<PciFunction> members = new ArrayList<>();
        final List<PciGroup.Reason> reasons = new ArrayList<>();
    }

    /** Segment and bus. */
    private record BusNumber(int segment, int bus) {
        static BusNumber of(PciFunction function) {
            return new BusNumber(function.address().segment(), function.address().bus());
        }
    }

    @Override
    public List<PciGroup> group(Collection<? extends PciFunction> functions, GroupingRules rules) {
        var sorted = new ArrayList<PciFunction>(functions);
        sorted.sort(Comparator.comparing(PciFunction::address));
        var buses = new HashMap<BusNumber, List<PciFunction>>();
        sorted.forEach(function -> buses.computeIfAbsent(BusNumber.of(function), bus -> new ArrayList<>()).add(function));
        Function<PciFunction, Collection<PciFunction>> onBus = function -> buses.getOrDefault(BusNumber.of(function), List.of());
        Function<PciFunction, PciGrouping.Found<Integer>> tracer = rules.generation() == Generation.PATHS ? paths(onBus, rules)
                : new BusGrouping(onBus, rules)::add;
        Map<Integer, Growing> groups = new LinkedHashMap<>();
        for (var function : sorted) {
            var found = tracer.apply(function);
            var group = groups.computeIfAbsent(found.group().orElseThrow(), number -> new Growing());
            group.members.add(function);
            group.reasons.add(found.reason());
        }
        return groups.values().stream().map(group -> new PciGroup(group.members, group.reasons)).toList();
    }

    private static Function<PciFunction, PciGrouping.Found<Integer>> paths(Function<PciFunction, Collection<PciFunction>> onBus,
            GroupingRules rules) {
        var groups = new HashMap<PciFunction, Integer>();
        var next = new int[1];
        var grouping = new PciGrouping<Integer>(function -> Optional.ofNullable(groups.get(function)), onBus, rules);
        return function -> {
            var found = grouping.trace(function);
            int group = found.group().orElseGet(() -> next[0]++);
            groups.put(function, group);
            return new PciGrouping.Found<>(Optional.of(group), found.reason());
        };
    }

    @Override
    public Isolation isolation(PciFunction function, GroupingRules rules) {
        return AcsPath.isolation(function, rules);
    }
}
