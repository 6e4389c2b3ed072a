package sluicegate.core.impl;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntFunction;

/** All groups by number. Reading takes no lock. */
final class GroupTable {
    private final ConcurrentNavigableMap<Integer, CoreGroup> groups = new ConcurrentSkipListMap<>();
    /** No number below it is free. */
    private int lowest;

    synchronized CoreGroup add(IntFunction<CoreGroup> make) {
        while (groups.containsKey(lowest)) {
            lowest++;
        }
        var group = make.apply(lowest);
        groups.put(lowest, group);
        return group;
    }

    synchronized void remove(CoreGroup group) {
        if (groups.remove(group.id(), group)) {
            lowest = Math.min(lowest, group.id());
        }
    }

    Optional<CoreGroup> find(int id) {
        return Optional.ofNullable(groups.get(id));
    }

    List<CoreGroup> all() {
        return List.copyOf(groups.values());
    }
}
