package sluicegate.core.impl;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;

/**
 * To what the PASIDs of a group are attached. Changed under the group's mutex, found without it: a PASID is taken first, then
 * hardware is programmed, then it can be found; on the way back it can't be found any more, then hardware forgets it, then what was
 * asked for under it is answered, then it is free.
 */
final class GroupPasids {
    private static final Logger LOG = LoggerFactory.getLogger(GroupPasids.class);

    private final CoreGroup group;
    private final Map<Integer, AttachedPasid> taken = new ConcurrentSkipListMap<>();
    private final PasidTable attached = new PasidTable();

    GroupPasids(CoreGroup group) {
        this.group = group;
    }

    boolean isEmpty() {
        return taken.isEmpty();
    }

    /** What hardware has accepted. */
    Optional<AttachedPasid> find(int pasid) {
        return attached.find(pasid);
    }

    /** Whether the attachment has its PASID, found or not. */
    boolean holds(AttachedPasid attachment) {
        return taken.get(attachment.pasid()) == attachment;
    }

    /** Who has a PASID, also while it is being attached or could not be blocked. */
    Optional<CoreDomain> holder(int pasid) {
        return Optional.ofNullable(taken.get(pasid)).map(AttachedPasid::domain);
    }

    Optional<CoreDomain> domain(int pasid) {
        return attached.find(pasid).map(AttachedPasid::domain);
    }

    // ---- attach

    AttachedPasid attach(CoreDomain domain, CoreDevice device, int pasid) {
        var attachment = new AttachedPasid(this, device, pasid, domain);
        group.locked(() -> attachLocked(attachment));
        return attachment;
    }

    private void attachLocked(AttachedPasid attachment) {
        var domain = attachment.domain();
        int pasid = attachment.pasid();
        var binding = check(attachment);
        var holder = taken.get(pasid);
        if (holder != null) {
            throw IommuException.of(Errno.EBUSY, "PASID %d of group %d is attached to domain %s; detach that first", pasid,
                    group.id(), holder.domain().name());
        }
        domain.admit(group, pasid);
        taken.put(pasid, attachment);
        try {
            DomainParts.ensure(domain, binding, attachment.coreDevice().requireBound().context());
            program(domain.requirePart(), Optional.empty(), pasid);
        } catch (RuntimeException | LinkageError e) {
            taken.remove(pasid);
            domain.dismiss(group, pasid);
            throw e;
        }
        attached.put(attachment);
    }

    private Binding check(AttachedPasid wanted) {
        var unit = group.unit();
        var domain = wanted.domain();
        var device = wanted.coreDevice();
        unit.requireTold();
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
        if (wanted.pasid() <= 0 || wanted.pasid() >= limit) {
            throw IommuException.of(Errno.EINVAL, "PASID %d is not in [1, %d], which group %d can use", wanted.pasid(), limit - 1,
                    group.id());
        }
        group.resets().requireNone();
        return binding;
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

    // ---- replace

    AttachedPasid replace(CoreDomain domain, CoreDevice device, int pasid) {
        var attachment = new AttachedPasid(this, device, pasid, domain);
        group.locked(() -> replaceLocked(attachment));
        return attachment;
    }

    /** Who asks meanwhile is told to try again: when hardware has the new domain, nothing of the old one's is left in its queues. */
    private void replaceLocked(AttachedPasid attachment) {
        var domain = attachment.domain();
        int pasid = attachment.pasid();
        var binding = check(attachment);
        var old = attached.find(pasid).orElseThrow(() -> IommuException.of(Errno.EINVAL,
                "PASID %d of group %d is attached to nothing that could be replaced; attach it", pasid, group.id()));
        domain.admit(group, pasid);
        var served = old.close(PageResponse.SUCCESS);
        try {
            if (domain != old.domain()) {
                DomainParts.ensure(domain, binding, attachment.coreDevice().requireBound().context());
                program(domain.requirePart(), Optional.of(old.domain().requirePart()), pasid);
            }
        } catch (RuntimeException | LinkageError e) {
            group.drainOrLog(pasid, served, PageResponse.SUCCESS);
            old.reopen();
            domain.dismiss(group, pasid);
            throw e;
        }
        group.drainOrLog(pasid, served, PageResponse.SUCCESS);
        taken.put(pasid, attachment);
        attached.put(attachment);
        old.domain().dismiss(group, pasid);
    }

    /** Every member that can send PASIDs, or none. */
    private void program(DriverDomain part, Optional<DriverDomain> old, int pasid) {
        Deque<CoreDevice.Bound> done = new ArrayDeque<>();
        for (var device : group.members()) {
            var bound = device.bound();
            if (bound.isEmpty() || device.busDevice().pasidBits() == 0 || device.inReset()) {
                continue;
            }
            try {
                part.setDevPasid(bound.get().context(), pasid, old);
            } catch (RuntimeException | LinkageError e) {
                done.forEach(before -> goBack(before, part, old, pasid, e));
                throw DriverErrors.of(e, "Attaching PASID " + pasid + " of " + device.name());
            }
            done.push(bound.get());
        }
    }

    /** Who can't go back is blocked. What fails here is told beside what made it go back, never in its place. */
    private static void goBack(CoreDevice.Bound bound, DriverDomain part, Optional<DriverDomain> old, int pasid, Throwable why) {
        try {
            old.orElseGet(() -> bound.binding().blocked()).setDevPasid(bound.context(), pasid, Optional.of(part));
        } catch (RuntimeException | LinkageError e) {
            why.addSuppressed(e);
            LOG.error("PASID {} of {} can't go back to what it was, and is blocked", pasid, bound.context(), e);
            try {
                bound.binding().blocked().setDevPasid(bound.context(), pasid, Optional.of(part));
            } catch (RuntimeException | LinkageError again) {
                why.addSuppressed(again);
                LOG.error("PASID {} of {} cannot even be blocked", pasid, bound.context(), again);
            }
        }
    }

    // ---- detach

    void detach(CoreDomain domain, int pasid) {
        lockedWithDriver(() -> {
            var attachment = taken.get(pasid);
            if (attachment == null || attachment.domain() != domain) {
                throw IommuException.of(Errno.EINVAL, "PASID %d of group %d is not attached to domain %s", pasid, group.id(),
                        domain.name());
            }
            detachLocked(attachment);
        });
    }

    void detach(AttachedPasid attachment) {
        group.unit().doWithDriver(() -> detachNow(attachment));
    }

    /** The same without waiting. @throws IommuException ENODEV, having done nothing, if hardware can't be told now */
    void detachNow(AttachedPasid attachment) {
        lockedTold(() -> {
            if (!holds(attachment)) {
                throw IommuException.of(Errno.EINVAL, "%s is over: the PASID was detached or given to another domain", attachment);
            }
            detachLocked(attachment);
        });
    }

    private void lockedWithDriver(Runnable change) {
        group.unit().doWithDriver(() -> lockedTold(change));
    }

    private void lockedTold(Runnable change) {
        group.locked(() -> {
            group.unit().requireTold();
            change.run();
        });
    }

    /** Whether one of them is an address space's. */
    boolean share() {
        return taken.values().stream().anyMatch(attachment -> attachment.domain().use() == CoreDomain.Use.SHARED);
    }

    /**
     * Makes the PASID translate nothing from now on, though it stays taken: what its domain stands for is gone. It still has to be
     * detached. Goes on over errors of hardware. To be called with no lock held that the core takes: it may wait for a driver.
     */
    void silence(AttachedPasid attachment) {
        try {
            if (!group.unit().tell(() -> silence(attachment, false))) {
                // Nothing sends until a driver has taken over, which is not to take this over.
                silence(attachment, true);
            }
        } catch (RuntimeException e) {
            LOG.error("{} may still be translated", attachment, e);
        }
    }

    private boolean silence(AttachedPasid attachment, boolean untold) {
        var done = new boolean[1];
        group.locked(() -> {
            done[0] = untold || !group.unit().translating();
            if (done[0]) {
                silenceLocked(attachment);
            }
        });
        return done[0];
    }

    private void silenceLocked(AttachedPasid attachment) {
        if (holds(attachment)) {
            try {
                blockLocked(attachment, GroupPasids::end);
            } catch (RuntimeException e) {
                LOG.error("{} may still be translated", attachment, e);
            }
        }
    }

    /** If hardware does not forget, the PASID stays taken, so that nobody reuses it: it can be detached once more. */
    private void detachLocked(AttachedPasid attachment) {
        blockLocked(attachment, GroupPasids::block);
        taken.remove(attachment.pasid());
        attachment.domain().dismiss(group, attachment.pasid());
    }

    /** Ends what goes on under the PASID, in the order of B.9. */
    private void blockLocked(AttachedPasid attachment, Setter how) {
        int pasid = attachment.pasid();
        attached.remove(pasid);
        var served = attachment.close(PageResponse.INVALID);
        RuntimeException failure = null;
        for (var device : group.members()) {
            if (device.busDevice().pasidBits() == 0 || device.inReset() || device.bound().isEmpty()) {
                continue;
            }
            try {
                how.set(device.bound().get(), attachment);
            } catch (RuntimeException | LinkageError e) {
                failure = failure == null ? DriverErrors.of(e, "Blocking PASID " + pasid + " of " + device.name()) : failure;
            }
        }
        group.drain(pasid, served, PageResponse.INVALID);
        if (failure != null) {
            throw failure;
        }
    }

    // ---- drivers and resets

    /** Programs all again for a driver that has just taken the unit; under the mutex. Returns what could not be. */
    List<String> replay(Binding binding, CoreDeviceContext anchor) {
        var problems = new ArrayList<String>();
        attached.forEach(attachment -> {
            try {
                DomainParts.ensure(attachment.domain(), binding, anchor);
                program(attachment.domain().requirePart(), Optional.empty(), attachment.pasid());
            } catch (RuntimeException | LinkageError e) {
                problems.add("PASID " + attachment.pasid() + " is blocked: " + e.getMessage());
            }
        });
        return problems;
    }

    /** Blocks all of one member for its reset; under the mutex. Returns what could not be. */
    List<String> block(CoreDevice device) {
        return set(device, GroupPasids::block);
    }

    private static void block(CoreDevice.Bound bound, AttachedPasid attachment) {
        bound.binding().blocked().setDevPasid(bound.context(), attachment.pasid(), attachment.domain().part());
    }

    /** The driver may know something better than blocking for an address space that has ended. */
    private static void end(CoreDevice.Bound bound, AttachedPasid attachment) {
        attachment.domain().part().ifPresentOrElse(
                part -> part.spaceEnded(bound.context(), attachment.pasid(), bound.binding().blocked()), () -> block(bound, attachment));
    }

    /** The way back from {@link #block}; under the mutex. Returns what could not be attached and stays blocked. */
    List<String> unblock(CoreDevice device) {
        return set(device, (bound, attachment) -> attachment.domain().requirePart().setDevPasid(bound.context(), attachment.pasid(),
                Optional.of(bound.binding().blocked())));
    }

    @FunctionalInterface
    private interface Setter {
        void set(CoreDevice.Bound bound, AttachedPasid attachment);
    }

    private List<String> set(CoreDevice device, Setter setter) {
        var problems = new ArrayList<String>();
        if (device.busDevice().pasidBits() != 0) {
            device.bound().ifPresent(bound -> attached.forEach(attachment -> {
                try {
                    setter.set(bound, attachment);
                } catch (RuntimeException | LinkageError e) {
                    problems.add("PASID " + attachment.pasid() + ": " + e.getMessage());
                }
            }));
        }
        return problems;
    }

    /** Forgets all when the group ends; under the mutex. */
    void clear() {
        taken.forEach((pasid, attachment) -> {
            attachment.close(PageResponse.INVALID);
            attached.remove(pasid);
            attachment.domain().dismiss(group, pasid);
        });
        taken.clear();
    }
}
