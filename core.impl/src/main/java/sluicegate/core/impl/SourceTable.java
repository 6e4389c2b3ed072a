package sluicegate.core.impl;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The devices behind a unit by source id, for faults: found without a lock, and without a box for ids of 16 bits, which is
 * all that PCI has. Where devices share an id, the first that came is found. Changes are made under the probe lock.
 */
final class SourceTable {
    private static final int PAGE = 256;

    private final AtomicReferenceArray<AtomicReferenceArray<CoreDevice>> pages = new AtomicReferenceArray<>(PAGE);
    private final Map<Integer, CoreDevice> wide = new ConcurrentHashMap<>();

    Optional<CoreDevice> find(int id) {
        if (id >>> 16 != 0) {
            return Optional.ofNullable(wide.get(id));
        }
        var page = pages.get(id >>> 8);
        return page == null ? Optional.empty() : Optional.ofNullable(page.get(id & PAGE - 1));
    }

    void put(int id, CoreDevice device) {
        if (find(id).isEmpty()) {
            set(id, device);
        }
    }

    /** Takes {@code device} out; {@code others} are asked whether one of them has the id too. */
    void remove(int id, CoreDevice device, Iterable<CoreDevice> others) {
        if (find(id).filter(found -> found == device).isEmpty()) {
            return;
        }
        set(id, null);
        for (var other : others) {
            if (other != device && other.hasSource(id)) {
                put(id, other);
            }
        }
    }

    private void set(int id, CoreDevice device) {
        if (id >>> 16 != 0) {
            if (device == null) {
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
