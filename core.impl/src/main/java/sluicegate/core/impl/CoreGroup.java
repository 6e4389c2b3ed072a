package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.iopf.RequestTarget;

/**
 * A group. Members come and go under the probe lock and the mutex, what they are attached to changes under the mutex; both are
 * read without a lock.
 */
final class CoreGroup implements Group {
    private static final Logger LOG = LoggerFactory.getLogger(CoreGroup.class);

    private final int id;
    private final CoreUnit unit;
    private final DefaultDomains defaults;
    private final Consumer<CoreGroup> whenFree;
    private final ReentrantLock mutex = new ReentrantLock();
    private final GroupPasids pasids = new GroupPasids(this);
    private final GroupOwnership ownership = new GroupOwnership(this);
    private final GroupResets resets = new GroupResets(this);
    private volatile List<CoreDevice> members = List.of();
    private volatile CoreDomain domain;
    /** Who serves page requests without a PASID. */
    private volatile Optional<RequestTarget> target = Optional.empty();
    private volatile CoreDomain defaultDomain;
    /** The same, so that who maps a buffer allocates nothing. */
    private volatile Optional<CoreDomain> maybeDefault = Optional.empty();
    private volatile GroupReferences references;
    private volatile String name;

    /**
     * A group with one reference, which its maker owns.
     *
     * @param defaults gives it another default domain when asked to
     * @param whenFree called once when the last reference is gone
     */
    CoreGroup(int id, CoreUnit unit, DefaultDomains defaults, Consumer<CoreGroup> whenFree) {
        this.id = id;
        this.unit = unit;
        this.defaults = defaults;
        this.whenFree = whenFree;
        this.domain = unit.blocked();
        this.references = new GroupReferences(this, 1);
    }

    CoreUnit unit() {
        return unit;
    }

    GroupPasids pasids() {
        return pasids;
    }

    GroupOwnership ownership() {
        return ownership;
    }

    GroupResets resets() {
        return resets;
    }

    GroupReferences references() {
        return references;
    }

    /** The references of the driver that left count no more; those of the members do. */
    void renewReferences() {
        references = new GroupReferences(this, members.size());
        if (members.isEmpty()) {
            whenFree.accept(this);
        }
    }

    void unreferenced(GroupReferences by) {
        if (by != references) {
            return; // of a binding that has ended
        }
        if (members.isEmpty()) {
            whenFree.accept(this);
        } else {
            reportMissing(by);
        }
    }

    /** A driver handed the group out without a reference, or gave back one that it did not own. */
    void reportMissing(GroupReferences by) {
        int missing = by.repair(members.size());
        if (missing != 0) {
            LOG.error("Group {} is short of {} references for its {} members: the driver of unit {} returned it without taking "
                    + "one, or gave back one that was not its own", id, missing, members.size(), unit.name());
            unit.become(unit.state(), "Its driver returned group " + id + " without a reference");
        }
    }

    // ---- members, under the probe lock

    void locked(Runnable change) {
        mutex.lock();
        try {
            change.run();
        } finally {
            mutex.unlock();
        }
    }

    List<CoreDevice> members() {
        return members;
    }

    void add(CoreDevice device) {
        var more = new ArrayList<>(members);
        more.add(device);
        members = List.copyOf(more);
    }

    void remove(CoreDevice device) {
        members = members.stream().filter(member -> member != device).toList();
    }

    /** The domain that is its own, from its first member's first attach on. */
    Optional<CoreDomain> ownDomain() {
        return maybeDefault;
    }

    void makeDefault(CoreDomain newDefault) {
        defaultDomain = newDefault;
        maybeDefault = Optional.of(newDefault);
    }

    // ---- attaching

    void attachAlone(CoreDomain newDomain, Device device) {
        lockedWithDriver(() -> {
            requireAlone(device, "attach");
            attachLocked(newDomain);
        });
    }

    void detachAlone(CoreDomain oldDomain, Device device) {
        lockedWithDriver(() -> {
            if (domain != oldDomain) {
                throw IommuException.of(Errno.EINVAL, "Device %s is attached to domain %s, not to %s", device.name(),
                        domain.name(), oldDomain.name());
            }
            requireAlone(device, "detach");
            detachLocked();
        });
    }

    /** For what applications ask, which waits while the unit changes drivers, until hardware goes by the next one's tables. */
    private void lockedWithDriver(Runnable change) {
        unit.doWithDriver(() -> locked(() -> {
            unit.requireTold();
            change.run();
        }));
    }

    private void requireAlone(Device device, String verb) {
        if (!members.contains(device)) {
            throw IommuException.of(Errno.ENODEV, "Device %s has left group %d", device.name(), id);
        }
        if (members.size() != 1) {
            throw IommuException.of(Errno.EINVAL, "Device %s shares group %d with %s; %s the group as a whole", device.name(), id,
                    members.stream().filter(member -> member != device).map(CoreDevice::name).collect(Collectors.joining(", ")),
                    verb);
        }
    }

    @Override
    public void attach(Domain newDomain) {
        if (!(newDomain instanceof CoreDomain known)) {
            throw IommuException.of(Errno.EINVAL, "Domain %s is not of this core", newDomain);
        }
        lockedWithDriver(() -> attachLocked(known));
    }

    @Override
    public void detach() {
        lockedWithDriver(this::detachLocked);
    }

    private void attachLocked(CoreDomain newDomain) {
        if (members.isEmpty()) {
            throw IommuException.of(Errno.ENODEV, "Group %d has no member any more", id);
        }
        if (defaultDomain == null) {
            throw IommuException.of(Errno.EPROBE_DEFER, "Group %d has no default domain yet: its devices are just being probed", id);
        }
        if (domain != defaultDomain && domain != unit.blocked()) {
            throw IommuException.of(Errno.EBUSY, "Group %d is attached to domain %s; detach that first", id, domain.name());
        }
        if (newDomain.unit() != unit) {
            throw IommuException.of(Errno.EINVAL, "Domain %s belongs to unit %s, group %d is behind unit %s", newDomain.name(),
                    newDomain.unit().name(), id, unit.name());
        }
        if (newDomain.type() == DomainType.SVA) {
            throw IommuException.of(Errno.EINVAL, "Domain %s is an address space's; only a PASID can share it: bind a device to the space",
                    newDomain.name());
        }
        if (newDomain.use() == CoreDomain.Use.DEFAULT && newDomain != defaultDomain) {
            throw IommuException.of(Errno.EINVAL, "Domain %s is the default domain of another group; allocate one for group %d",
                    newDomain.name(), id);
        }
        switchTo(newDomain);
    }

    /**
     * Attaches all members, or none ({@code __iommu_group_set_domain}); under the mutex. The caller has made sure that nobody
     * counts on the present domain.
     */
    void switchTo(CoreDomain newDomain) {
        if (newDomain == domain) {
            return;
        }
        resets.requireNone();
        members.forEach(member -> requireUnblocked(member, newDomain));
        var binding = unit.binding().orElseThrow(unit::noDriver);
        var served = target;
        if (newDomain.use() == CoreDomain.Use.DEFAULT) {
            newDomain.readmit(this); // in it is only what firmware itself wants, however it contradicts itself
        } else {
            newDomain.admit(this, Pasid.NONE);
        }
        try {
            members.stream().flatMap(member -> member.bound().stream()).findFirst()
                    .ifPresent(bound -> DomainParts.ensure(newDomain, binding, bound.context()));
            served.ifPresent(open -> open.close(PageResponse.SUCCESS));
            Attachment.switchAll(this, newDomain);
        } catch (RuntimeException | LinkageError e) {
            served.ifPresent(closed -> serve(served, domain.newRequestTarget(), PageResponse.SUCCESS));
            newDomain.dismiss(this, Pasid.NONE);
            throw e;
        }
        domain.dismiss(this, Pasid.NONE);
        domain = newDomain;
        serve(served, newDomain.newRequestTarget(), PageResponse.SUCCESS);
    }

    /** Hardware has changed domains: what was asked for in the old one is answered before anybody is asked in the new one. */
    private void serve(Optional<RequestTarget> old, Optional<RequestTarget> fresh, PageResponse answer) {
        if (old.isPresent() || fresh.isPresent()) {
            drainOrLog(Pasid.NONE, old, answer);
            target = fresh;
        }
    }

    /**
     * Takes what members have asked for under a PASID out of hardware, and answers what waits for a target; under the mutex.
     *
     * @param closed what served them
     * @throws IommuException what a driver fails with; what is known was answered all the same
     */
    void drain(int pasid, Optional<RequestTarget> closed, PageResponse answer) {
        RuntimeException failure = null;
        for (var member : members) {
            if (member.bound().isEmpty()) {
                continue;
            }
            var bound = member.bound().get();
            try {
                bound.drainRequests(pasid);
            } catch (RuntimeException e) {
                failure = failure == null ? e : failure;
            }
            bound.requests().forgetPartial(pasid);
            closed.ifPresent(each -> bound.requests().settle(each, answer));
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** The same for what goes on whatever the driver fails with. */
    void drainOrLog(int pasid, Optional<RequestTarget> closed, PageResponse answer) {
        try {
            drain(pasid, closed, answer);
        } catch (RuntimeException e) {
            LOG.error("Group {}: what its devices have asked for may still be in the unit's queues", id, e);
        }
    }

    /** @throws IommuException EINVAL if {@code newDomain} is a blocked one and {@code member} must not be in it */
    void requireUnblocked(CoreDevice member, CoreDomain newDomain) {
        if (newDomain.type() == DomainType.BLOCKED && ReservedRegions.requireDirect(member.reservedRegions())) {
            throw IommuException.of(Errno.EINVAL, "Firmware requires a 1:1 mapping for %s, so group %d can't be blocked or "
                    + "claimed; change that in the firmware's settings, or contact the platform's vendor", member.name(), id);
        }
    }

    private void detachLocked() {
        unit.requireTold();
        if (defaultDomain != null) {
            returnTo(ownership.claimed() ? unit.blocked() : defaultDomain);
        }
    }

    /**
     * Attaches all members, whatever happens ({@code __iommu_group_set_domain_nofail}): what does not let itself be attached is
     * blocked. Under the mutex.
     *
     * @param newDomain the default or the blocked domain
     */
    void returnTo(CoreDomain newDomain) {
        if (domain == newDomain) {
            return;
        }
        newDomain.readmit(this);
        var served = target;
        served.ifPresent(open -> open.close(PageResponse.INVALID));
        // Members of a driver that is about to leave must let go of the old domain too: it may be freed next.
        Attachment.switchOrBlock(this, newDomain);
        domain.dismiss(this, Pasid.NONE);
        domain = newDomain;
        serve(served, newDomain.newRequestTarget(), PageResponse.INVALID);
    }

    // ---- drivers of members

    /** A driver is about to use the default domain, which the group returns to if it aborted meanwhile. */
    void useDefault(CoreDevice device) {
        locked(() -> {
            ownership.useDefault(device);
            if (domain == unit.blocked()) {
                returnTo(defaultDomain);
            }
        });
    }

    void unuseDefault(UnboundPolicy unbound) {
        locked(() -> {
            ownership.unuseDefault();
            if (unbound.abort()) {
                park();
            }
        });
    }

    /** If no driver uses the default domain any more, members abort, unless firmware wants memory mapped for them. */
    private void park() {
        boolean direct = members.stream().anyMatch(member -> ReservedRegions.requireDirect(member.reservedRegions()));
        if (ownership.users() == 0 && domain == defaultDomain && !direct) {
            returnTo(unit.blocked());
        }
    }

    /** Who serves page requests with {@code pasid}; takes no lock. */
    Optional<RequestTarget> requestTarget(int pasid) {
        return pasid == Pasid.NONE ? target : pasids.find(pasid).flatMap(AttachedPasid::target);
    }

    /** What requests with {@code pasid} use. */
    Optional<CoreDomain> domainOf(int pasid) {
        return pasid == Pasid.NONE ? Optional.of(domain) : pasids.domain(pasid);
    }

    // ---- the handle

    @Override
    public void setDefaultType(Optional<DomainType> type) {
        lockedWithDriver(() -> defaults.change(this, type));
    }

    @Override
    public Optional<Object> owner() {
        return ownership.owner();
    }

    @Override
    public int users() {
        return ownership.users();
    }

    @Override
    public void claim(Object owner) {
        lockedWithDriver(() -> ownership.claimAlone(owner));
    }

    @Override
    public void release(Object owner) {
        lockedWithDriver(() -> ownership.releaseAll(owner));
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public Optional<String> name() {
        return Optional.ofNullable(name);
    }

    void setName(String newName) {
        name = newName;
    }

    @Override
    public boolean hasIommu() {
        return true;
    }

    @Override
    public List<Device> devices() {
        return List.copyOf(members);
    }

    @Override
    public CoreDomain domain() {
        return domain;
    }

    @Override
    public Optional<Domain> defaultDomain() {
        return Optional.ofNullable(defaultDomain);
    }

    @Override
    public List<ReservedRegion> reservedRegions() {
        return ReservedRegions.merge(members.stream().flatMap(member -> member.reservedRegions().stream()).toList());
    }

    @Override
    public String toString() {
        return "group " + id;
    }
}
