package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import sluicegate.api.Device;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.ledger.MappingLedger;

/**
 * Who is attached to a domain, and which IOVAs that reserves. Reserved are the regions of requests without a PASID, as in
 * iommufd. Changed under the domain's mutex; devices may be read without.
 */
final class DomainUsers {
    private record User(CoreGroup group, int pasid) {}

    private final String domain;
    private final DomainType type;
    private final boolean paging;
    private final MappingLedger ledger;
    private final List<User> users = new CopyOnWriteArrayList<>();
    private List<ReservedRegion> reserved = List.of();

    /** @param type if it has mappings, those can meet reserved regions */
    DomainUsers(String domain, DomainType type, MappingLedger ledger) {
        this.domain = domain;
        this.type = type;
        this.paging = type.paging();
        this.ledger = ledger;
    }

    boolean isEmpty() {
        return users.isEmpty();
    }

    CoreGroup first() {
        return users.get(0).group();
    }

    List<Device> devices() {
        return users.stream().map(User::group).distinct().flatMap(group -> group.devices().stream()).toList();
    }

    /** @throws IommuException EADDRINUSE if a mapping lies where the group has a reserved region */
    void add(CoreGroup group, int pasid) {
        if (pasid == Pasid.NONE) {
            check(group, group.reservedRegions());
        }
        addUnchecked(group, pasid);
    }

    void addUnchecked(CoreGroup group, int pasid) {
        users.add(new User(group, pasid));
        refresh();
    }

    /** A device is about to join a group that is attached. @throws IommuException EADDRINUSE */
    void addMember(CoreGroup group, List<ReservedRegion> regions) {
        check(group, regions);
        if (paging) {
            var all = new ArrayList<>(reserved);
            all.addAll(concerning(regions));
            reserved = ReservedRegions.merge(all);
        }
    }

    void remove(CoreGroup group, int pasid) {
        users.remove(new User(group, pasid));
        refresh();
    }

    void clear() {
        users.clear();
        refresh();
    }

    /** Reads the regions of all users again. */
    void refresh() {
        reserved = paging
                ? ReservedRegions.merge(users.stream().filter(user -> user.pasid() == Pasid.NONE)
                        .flatMap(user -> concerning(user.group().reservedRegions()).stream()).toList())
                : List.of();
    }

    private List<ReservedRegion> concerning(List<ReservedRegion> regions) {
        return regions.stream().filter(region -> ReservedRegions.concerns(type, region)).toList();
    }

    /** The reserved regions of all users, merged. */
    List<ReservedRegion> reserved() {
        return reserved;
    }

    /** A region that forbids a mapping. */
    Optional<ReservedRegion> conflict(long iova, long address, long size) {
        return reserved.isEmpty() ? Optional.empty() : ReservedRegions.conflict(reserved, iova, address, size);
    }

    private void check(CoreGroup group, List<ReservedRegion> regions) {
        if (paging) {
            concerning(regions).forEach(region -> check(group, region));
        }
    }

    private void check(CoreGroup group, ReservedRegion region) {
        for (long p = ledger.overlapping(region.start(), region.end());
                p != MappingLedger.NONE && Long.compareUnsigned(ledger.startAt(p), region.end()) <= 0; p = ledger.next(p)) {
            if (ReservedRegions.conflict(List.of(region), ledger.startAt(p), ledger.addressAt(p), ledger.sizeAt(p)).isPresent()) {
                throw IommuException.of(Errno.EADDRINUSE,
                        "Domain %s maps %s, which meets the %s region %s of group %d; unmap it first", domain,
                        Hex.range(ledger.startAt(p), ledger.sizeAt(p)), region.type().word(),
                        Hex.range(region.start(), region.length()), group.id());
            }
        }
    }
}
