package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.ReservedRegion.Type;

/** Rules for reserved IOVA ranges. */
final class ReservedRegions {
    private static final Comparator<ReservedRegion> BY_START_AND_TYPE =
            Comparator.comparingLong((ReservedRegion r) -> r.start() ^ Long.MIN_VALUE).thenComparing(ReservedRegion::type);

    private ReservedRegions() {}

    /**
     * Sorted by start, then by type; regions of one type that overlap or touch become one, others stay apart
     * ({@code iommu_insert_resv_region}).
     */
    static List<ReservedRegion> merge(Collection<ReservedRegion> regions) {
        var merged = new ArrayList<ReservedRegion>();
        for (var region : regions.stream().sorted(BY_START_AND_TYPE).toList()) {
            int match = -1;
            for (int i = merged.size() - 1; i >= 0 && match < 0; i--) {
                if (merged.get(i).type() == region.type() && touch(merged.get(i), region)) {
                    match = i;
                }
            }
            if (match < 0) {
                merged.add(region);
            } else {
                merged.set(match, union(merged.get(match), region));
            }
        }
        return List.copyOf(merged);
    }

    /**
     * A region that forbids a mapping. Direct regions allow what they demand, a mapping to the same address; relaxable ones
     * forbid nothing; all others forbid any mapping (as {@code iopt_table_enforce_dev_resv_regions} does, while {@code
     * iommu_map} itself checks nothing).
     */
    static Optional<ReservedRegion> conflict(List<ReservedRegion> regions, long iova, long address, long size) {
        for (int i = 0; i < regions.size(); i++) { // each map comes through here: no iterator
            var region = regions.get(i);
            boolean forbids = switch (region.type()) {
                case DIRECT_RELAXABLE -> false;
                case DIRECT -> iova != address;
                case RESERVED, MSI, SW_MSI -> true;
            };
            if (forbids && region.overlaps(iova, size)) {
                return Optional.of(region);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether the region concerns a domain of that type. The window for MSI doorbells is where software puts them: the DMA layer
     * puts them where it likes, so the window means nothing in its own domains ({@code iova_reserve_iommu_regions}).
     */
    static boolean concerns(DomainType domain, ReservedRegion region) {
        return region.type() != Type.SW_MSI || domain == DomainType.UNMANAGED;
    }

    /** Whether the region is to be mapped one to one in a domain of the DMA layer. */
    static boolean mappedDirectly(ReservedRegion region) {
        return region.type() == Type.DIRECT || region.type() == Type.DIRECT_RELAXABLE;
    }

    /** Whether memory must stay mapped one to one at all times ({@code dev_iommu::require_direct}). */
    static boolean requireDirect(Collection<ReservedRegion> regions) {
        return regions.stream().anyMatch(region -> region.type() == Type.DIRECT);
    }

    /** {@code later} does not begin before {@code earlier}. All of 2^64 is more than one region can hold. */
    private static boolean touch(ReservedRegion earlier, ReservedRegion later) {
        if (earlier.start() == 0 && later.end() == -1L) {
            return false;
        }
        return Long.compareUnsigned(later.start(), earlier.end()) <= 0
                || earlier.end() != -1L && later.start() == earlier.end() + 1;
    }

    private static ReservedRegion union(ReservedRegion earlier, ReservedRegion later) {
        long end = Long.compareUnsigned(earlier.end(), later.end()) > 0 ? earlier.end() : later.end();
        return new ReservedRegion(earlier.start(), end - earlier.start() + 1, earlier.prot() | later.prot(), earlier.type());
    }
}
