package sluicegate.space;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import sluicegate.api.ProcessSpace.Region;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** The regions of a space, by their first address ({@code vm_area_struct}). They do not overlap. Not thread-safe. */
final class Regions {
    private final TreeMap<Long, Region> regions = new TreeMap<>();
    private long next;

    /** @param lowest where the first region goes */
    Regions(long lowest) {
        next = lowest;
    }

    Regions(Regions original) {
        regions.putAll(original.regions);
        next = original.next;
    }

    /** @throws IommuException ENOMEM if nothing is left below {@code limit} */
    long add(long size, int prot, long limit) {
        if (size > limit - next) {
            throw IommuException.of(Errno.ENOMEM, "A region of %s does not fit below %s", Hex.of(size), Hex.of(limit));
        }
        long start = next;
        regions.put(start, new Region(start, size, prot));
        next = start + size + Frames.SIZE; // so that who runs over its end meets nothing
        return start;
    }

    Optional<Region> at(long address) {
        return Optional.ofNullable(regions.floorEntry(address)).map(java.util.Map.Entry::getValue)
                .filter(region -> address - region.start() < region.size());
    }

    void remove(long start, long size) {
        splitAt(start);
        splitAt(start + size);
        regions.subMap(start, start + size).clear();
    }

    void protect(long start, long size, int prot) {
        splitAt(start);
        splitAt(start + size);
        regions.subMap(start, start + size).replaceAll((at, region) -> new Region(at, region.size(), prot));
    }

    boolean covers(long start, long size) {
        for (long at = start; at < start + size;) {
            var region = at(at);
            if (region.isEmpty()) {
                return false;
            }
            at = region.get().start() + region.get().size();
        }
        return true;
    }

    private void splitAt(long address) {
        at(address).filter(region -> region.start() != address).ifPresent(region -> {
            long head = address - region.start();
            regions.put(region.start(), new Region(region.start(), head, region.prot()));
            regions.put(address, new Region(address, region.size() - head, region.prot()));
        });
    }

    List<Region> all() {
        return List.copyOf(regions.values());
    }
}
