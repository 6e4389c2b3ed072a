package sluicegate.sim.pci;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import sluicegate.sim.unit.Devices;

/** The functions behind a unit by the ids that it knows them by; several may have one. Thread-safe. */
final class Endpoints implements Devices {
    private final Map<Integer, List<DmaEngine>> byId = new ConcurrentHashMap<>();

    void add(int id, DmaEngine engine) {
        byId.merge(id, List.of(engine), (old, one) -> Stream.concat(old.stream(), one.stream()).toList());
    }

    void remove(int id, DmaEngine engine) {
        byId.computeIfPresent(id, (key, old) -> {
            var left = old.stream().filter(other -> other != engine).toList();
            return left.isEmpty() ? null : left;
        });
    }

    /** Devices answer at once; one that is not there has nothing to forget. */
    @Override
    public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
        byId.getOrDefault(requesterId, List.of()).forEach(engine -> engine.invalidate(pasid, global, address, size));
        return true;
    }

    @Override
    public void respond(int requesterId, int pasid, int group, int code) {
        byId.getOrDefault(requesterId, List.of()).forEach(engine -> engine.respond(pasid, group, code));
    }
}
