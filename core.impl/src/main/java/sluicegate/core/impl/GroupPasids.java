package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;

/**
 * To what the PASIDs of a group are attached ({@code iommu_group::pasid_array}). Changed under the group's mutex, read without
 * it; a domain can be found only once the hardware uses it.
 */
final class GroupPasids {
    private final CoreGroup group;
    private final Map<Integer, CoreDomain> domains = new ConcurrentSkipListMap<>();

    GroupPasids(CoreGroup group) {
        this.group = group;
    }

    boolean isEmpty() {
        return domains.isEmpty();
    }

    Optional<CoreDomain> domain(int pasid) {
        return Optional.ofNullable(domains.get(pasid));
    }

    void attach(CoreDomain domain, CoreDevice device, int pasid) {
        group.locked(() -> attachLocked(domain, device, pasid));
    }

    private void attachLocked(CoreDomain domain, CoreDevice device, int pasid) {
        var unit = group.unit();
        var binding = unit.binding().orElseThrow(unit::noDriver);
        if (binding.maxPasids() == 0 || device.busDevice().pasidBits() == 0) {
            throw IommuException.of(Errno.EOPNOTSUPP, "Device %s cannot use PASIDs: %s has none", device.name(),
                    binding.maxPasids() == 0 ? "unit " + unit.name() : "the device");
        }
        if (domain.unit() != unit) {
            throw IommuException.of(Errno.EINVAL, "Domain %s belongs to unit %s, device %s is behind unit %s", domain.name(),
                    domain.unit().name(), device.name(), unit.name());
        }
        int limit = limit(binding);
        if (pasid <= 0 || pasid >= limit) {
            throw IommuException.of(Errno.EINVAL, "PASID %d is not in [1, %d], which group %d can use", pasid, limit - 1,
                    group.id());
        }
        if (domains.containsKey(pasid)) {
            throw IommuException.of(Errno.EBUSY, "PASID %d of group %d is attached to domain %s; detach that first", pasid,
                    group.id(), domains.get(pasid).name());
        }
        group.resets().requireNone();
        domain.admit(group, pasid);
        try {
            DomainParts.ensure(domain, binding, device.requireBound().context());
            program(domain.requirePart(), Optional.empty(), pasid);
        } catch (RuntimeException | LinkageError e) {
            domain.dismiss(group, pasid);
            throw e;
        }
        domains.put(pasid, domain);
    }

    void detach(CoreDomain domain, int pasid) {
        group.locked(() -> {
            if (domains.get(pasid) != domain) {
                throw IommuException.of(Errno.EINVAL, "PASID %d of group %d is not attached to domain %s", pasid, group.id(),
                        domain.name());
            }
            group.members().stream().flatMap(member -> member.bound().stream()).findFirst().ifPresent(bound ->
                    program(bound.binding().blocked(), domain.part(), pasid));
            domains.remove(pasid);
            domain.dismiss(group, pasid);
        });
    }

    /** Programs all again for a driver that has just taken the unit; under the mutex. Returns what could not be. */
    List<String> replay(Binding binding, CoreDeviceContext anchor) {
        var problems = new ArrayList<String>();
        domains.forEach((pasid, domain) -> {
            try {
                DomainParts.ensure(domain, binding, anchor);
                program(domain.requirePart(), Optional.empty(), pasid);
            } catch (RuntimeException | LinkageError e) {
                problems.add("PASID " + pasid + " is blocked: " + e.getMessage());
            }
        });
        return problems;
    }

    /** Blocks all of one member for its reset; under the mutex. Returns what could not be. */
    List<String> block(CoreDevice device) {
        return set(device, (bound, pasid, domain) ->
                bound.binding().blocked().setDevPasid(bound.context(), pasid, domain.part()));
    }

    /** The way back from {@link #block}; under the mutex. Returns what could not be attached and stays blocked. */
    List<String> unblock(CoreDevice device) {
        return set(device, (bound, pasid, domain) ->
                domain.requirePart().setDevPasid(bound.context(), pasid, Optional.of(bound.binding().blocked())));
    }

    @FunctionalInterface
    private interface Setter {
        void set(CoreDevice.Bound bound, int pasid, CoreDomain domain);
    }

    private List<String> set(CoreDevice device, Setter setter) {
        var problems = new ArrayList<String>();
        if (device.busDevice().pasidBits() != 0) {
            device.bound().ifPresent(bound -> domains.forEach((pasid, domain) -> {
                try {
                    setter.set(bound, pasid, domain);
                } catch (RuntimeException | LinkageError e) {
                    problems.add("PASID " + pasid + ": " + e.getMessage());
                }
            }));
        }
        return problems;
    }

    /** Forgets all when the group ends; under the mutex. */
    void clear() {
        domains.forEach((pasid, domain) -> domain.dismiss(group, pasid));
        domains.clear();
    }

    /** Every member that can send PASIDs, or none. */
    private void program(DriverDomain part, Optional<DriverDomain> old, int pasid) {
        var done = new ArrayList<CoreDevice.Bound>();
        for (var device : group.members()) {
            var bound = device.bound();
            if (bound.isEmpty() || device.busDevice().pasidBits() == 0 || device.inReset()) {
                continue;
            }
            try {
                part.setDevPasid(bound.get().context(), pasid, old);
            } catch (RuntimeException | LinkageError e) {
                for (var before : done) {
                    old.orElseGet(() -> before.binding().blocked())
                            .setDevPasid(before.context(), pasid, Optional.of(part));
                }
                throw DriverErrors.of(e, "Attaching PASID " + pasid + " of " + device.name());
            }
            done.add(bound.get());
        }
    }

    /** One more than the largest PASID that unit and members can use. */
    private int limit(Binding binding) {
        int limit = Math.min(binding.maxPasids(), Pasid.MAX + 1);
        for (var device : group.members()) {
            int bits = device.busDevice().pasidBits();
            if (bits != 0) {
                limit = Math.min(limit, 1 << Math.min(bits, 20));
            }
        }
        return limit;
    }
}
