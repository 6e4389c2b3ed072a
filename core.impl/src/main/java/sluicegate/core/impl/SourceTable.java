package sluicegate.core.impl;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The devices behind a unit by source id, for faults: found without a lock, and for ids of 16 bits, which is all that PCI has,
 * without allocating. Where devices share an id, the first that came is found. Changes are made under the probe lock.
 */
final class SourceTable {
    private static final int PAGE = 256;

    private final AtomicReferenceArray<AtomicReferenceArray<Optional<CoreDevice>>> pages = new AtomicReferenceArray<>(PAGE);
    private final Map<Integer, Optional<CoreDevice>> wide = new ConcurrentHashMap<>();

    Optional<CoreDevice> find(int id) {
        if (id >>> 16 != 0) {
            return wide.getOrDefault(id, Optional.empty());
        }
        var page = pages.get(id >>> 8);
        var found = page == null ? null : page.get(id & PAGE - 1);
        return found == null ? Optional.empty() : found;
    }

    void put(int id, CoreDevice device) {
        if (find(id).isEmpty()) {
            set(id, Optional.of(device));
        }
    }

    /** Takes {@code device} out; {@code others} are asked whether one of them has the id too. */
    void remove(int id, CoreDevice device, Iterable<CoreDevice> others) {
        if (find(id).filter(found -> found == device).isEmpty()) {
            return;
        }
        set(id, next(id, device, others));
    }

    private static Optional<CoreDevice> next(int id, CoreDevice device, Iterable<CoreDevice> others) {
        for (var other : others) {
            if (other != device && other.hasSource(id)) {
                return Optional.of(other);
            }
        }
        return Optional.empty();
    }

    private void set(int id, Optional<CoreDevice> device) {
        if (id >>> 16 != 0) {
            if (device.isEmpty()) {
                wide.remove(id);
            } else {
                wide.put(id, device);
            }
            return;
        }
        var page = pages.get(id >>> 8);
        if (page == null) {
            page = new AtomicReferenceArray<>(PAGE);
            pages.set(id >>> 8, page);
        }
        page.set(id & PAGE - 1, device);
    }
}
