package sluicegate.core.impl;

import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * Who decides what a group is attached to: drivers of its members, which use the default domain, or one owner with one or
 * several claims, or nobody ({@code iommu_group::owner} and {@code owner_cnt}). A claimed group is blocked until its owner
 * attaches something. Changed under the group's mutex; read without.
 */
final class GroupOwnership {
    private static final Logger LOG = LoggerFactory.getLogger(GroupOwnership.class);

    private final CoreGroup group;
    private volatile Object owner;
    private volatile int users;

    GroupOwnership(CoreGroup group) {
        this.group = group;
    }

    Optional<Object> owner() {
        return Optional.ofNullable(owner);
    }

    int users() {
        return users;
    }

    boolean claimed() {
        return owner != null;
    }

    // ---- owners

    void claimAlone(Object newOwner) {
        requireSomebody(newOwner);
        if (users != 0) {
            throw inUse();
        }
        take(newOwner);
    }

    /** @param device the member by way of which it is claimed */
    void claim(Object newOwner, CoreDevice device) {
        requireSomebody(newOwner);
        requireMember(device);
        if (users != 0 && !newOwner.equals(owner)) {
            throw inUse();
        }
        if (users == 0) {
            take(newOwner);
        } else {
            users++;
        }
    }

    private void take(Object newOwner) {
        if (group.members().isEmpty()) {
            throw IommuException.of(Errno.ENODEV, "Group %d has no member any more", group.id());
        }
        if (group.ownDomain().isEmpty()) {
            throw IommuException.of(Errno.EBUSY, "Group %d is still being probed; try again", group.id());
        }
        if (group.domain() != group.ownDomain().get() && group.domain() != group.unit().blocked()) {
            throw IommuException.of(Errno.EBUSY, "Group %d is attached to domain %s; detach that before it is claimed",
                    group.id(), group.domain().name());
        }
        if (!group.pasids().isEmpty()) {
            throw IommuException.of(Errno.EBUSY, "PASIDs of group %d are attached; detach them before it is claimed", group.id());
        }
        group.switchTo(group.unit().blocked());
        owner = newOwner;
        users = 1;
    }

    void releaseAll(Object by) {
        requireOwner(by);
        if (!group.pasids().isEmpty()) {
            throw IommuException.of(Errno.EBUSY, "PASIDs of group %d are attached; detach them before it is released", group.id());
        }
        group.returnTo(group.ownDomain().orElseThrow());
        users = 0;
        owner = null;
    }

    void release(Object by) {
        requireOwner(by);
        if (users > 1) {
            users--;
        } else {
            releaseAll(by);
        }
    }

    private void requireMember(CoreDevice device) {
        if (!group.members().contains(device)) {
            throw IommuException.of(Errno.ENODEV, "Device %s has left group %d", device.name(), group.id());
        }
    }

    private void requireSomebody(Object newOwner) {
        if (newOwner == null) {
            throw IommuException.of(Errno.EINVAL, "Group %d is to be claimed by nobody; give an owner", group.id());
        }
    }

    private void requireOwner(Object by) {
        if (owner == null) {
            throw IommuException.of(Errno.EINVAL, "Group %d is claimed by nobody, so it can't be released", group.id());
        }
        if (!owner.equals(by)) {
            throw IommuException.of(Errno.EPERM, "Group %d is owned by %s, so %s can't release it", group.id(), owner, by);
        }
    }

    private IommuException inUse() {
        return owner != null
                ? IommuException.of(Errno.EPERM, "Group %d is owned by %s", group.id(), owner)
                : IommuException.of(Errno.EPERM, "The default domain of group %d is used by %s; unbind them first", group.id(),
                        drivers());
    }

    private String drivers() {
        var names = group.members().stream().flatMap(member -> member.deviceDriver().stream()
                .filter(driver -> !driver.managesDma()).map(driver -> driver.name() + " (" + member.name() + ")"))
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "drivers of its devices" : names;
    }

    // ---- drivers of members

    void useDefault(CoreDevice device) {
        requireMember(device);
        if (group.ownDomain().isEmpty()) {
            throw IommuException.of(Errno.EPROBE_DEFER, "Group %d of %s has no default domain yet", group.id(), device.name());
        }
        if (owner != null) {
            throw IommuException.of(Errno.EBUSY, "Group %d of %s is owned by %s; a driver for it has to wait until the group is "
                    + "released", group.id(), device.name(), owner);
        }
        if (users != 0 && (group.domain() != group.ownDomain().get() || !group.pasids().isEmpty())) {
            throw IommuException.of(Errno.EBUSY, "Group %d of %s is attached to domain %s%s; a driver would not be in the default "
                    + "domain", group.id(), device.name(), group.domain().name(),
                    group.pasids().isEmpty() ? "" : " and has PASIDs attached");
        }
        users++;
    }

    void unuseDefault() {
        if (owner != null || users == 0) {
            throw IommuException.of(Errno.EINVAL, "No driver uses the default domain of group %d", group.id());
        }
        users--;
    }

    /** The group has no member any more. Whoever still counted on it is told in the log. */
    void end() {
        if (users != 0) {
            LOG.warn("Group {} ends although {}", group.id(),
                    owner != null ? owner + " owns it" : "drivers of " + users + " of its devices were not unbound");
        }
        users = 0;
        owner = null;
    }
}
