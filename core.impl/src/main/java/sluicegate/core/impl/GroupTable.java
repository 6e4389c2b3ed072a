package sluicegate.core.impl;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntFunction;
import sluicegate.api.Group;

/**
 * All groups by number, those that software made among them: a number is the lowest that was free ({@code ida_alloc}). Reading
 * takes no lock.
 */
final class GroupTable {
    private final ConcurrentNavigableMap<Integer, Group> groups = new ConcurrentSkipListMap<>();
    /** No number below it is free. */
    private int lowest;

    synchronized <G extends Group> G add(IntFunction<G> make) {
        while (groups.containsKey(lowest)) {
            lowest++;
        }
        var group = make.apply(lowest);
        groups.put(lowest, group);
        return group;
    }

    /** Returns whether it was there. */
    synchronized boolean remove(Group group) {
        boolean removed = groups.remove(group.id(), group);
        if (removed) {
            lowest = Math.min(lowest, group.id());
        }
        return removed;
    }

    Optional<Group> find(int id) {
        return Optional.ofNullable(groups.get(id));
    }

    List<Group> all() {
        return List.copyOf(groups.values());
    }

    /** Those with a unit behind them. */
    List<CoreGroup> behindUnits() {
        return groups.values().stream().filter(CoreGroup.class::isInstance).map(CoreGroup.class::cast).toList();
    }
}
