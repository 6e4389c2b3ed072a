package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import sluicegate.api.AddressSpace;
import sluicegate.api.SvaBinding;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * Devices that share address spaces ({@code iommu-sva.c}). A space has one PASID for all of them, from its first bind until it has
 * ended and nobody is bound. What a space tells of its tables needs no lock of this class ({@link SharedSpace#invalidate}).
 */
final class SharedSpaces {
    private final DomainTable domains;
    private final PasidAllocator pasids;
    /** {@code iommu_sva_lock}; taken before groups' mutexes. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<AddressSpace, SharedSpace> spaces = new IdentityHashMap<>();

    SharedSpaces(DomainTable domains, PasidAllocator pasids) {
        this.domains = domains;
        this.pasids = pasids;
    }

    DomainTable domains() {
        return domains;
    }

    void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    /** @throws IommuException as {@link sluicegate.api.Iommu#bind} */
    SvaBinding bind(CoreDevice device, AddressSpace space, Consumer<SvaBinding> whenEnded) {
        lock.lock();
        try {
            int limit = check(device, space);
            var known = spaces.get(space);
            var shared = known == null ? begin(space, limit) : known;
            if (shared.pasid() >= limit) {
                throw IommuException.of(Errno.EOVERFLOW, "%s has PASID %d, and %s can have PASIDs up to %d", space.name(),
                        shared.pasid(), device.name(), limit - 1);
            }
            return shared.bind(device, whenEnded);
        } finally {
            lock.unlock();
        }
    }

    /** Returns one more than the largest PASID that device and unit can use. */
    private static int check(CoreDevice device, AddressSpace space) {
        device.requireGroup();
        var bound = device.requireBound();
        int limit = Math.min(bound.binding().maxPasids(), 1 << Math.min(device.busDevice().pasidBits(), 20));
        var formats = device.sharedFormats();
        if (limit <= 1 || formats.isEmpty()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s can share no address space: %s", device.name(),
                    limit <= 1 ? "it or its unit has no PASIDs" : "its unit walks no tables but its driver's, or serves no page requests");
        }
        if (!formats.contains(space.tables().format())) {
            throw IommuException.of(Errno.EBUSY, "%s has page tables of %s, and unit %s walks %s", space.name(),
                    space.tables().format().word(), bound.unit().name(), formats);
        }
        if (bound.unit().platform().memory() != space.machine().memory()) {
            throw IommuException.of(Errno.EINVAL, "The tables of %s are in the memory of machine %s, which %s does not reach", space.name(),
                    space.machine().name(), device.name());
        }
        return limit;
    }

    private SharedSpace begin(AddressSpace space, int limit) {
        var shared = new SharedSpace(this, space, pasids.allocate(limit));
        spaces.put(space, shared);
        if (!space.addListener(shared)) {
            forget(shared);
            throw IommuException.of(Errno.ENOENT, "%s has ended", space.name());
        }
        return shared;
    }

    /** Nobody is bound to it, and nobody will be; under the lock. */
    void forget(SharedSpace shared) {
        spaces.remove(shared.space());
        pasids.free(shared.pasid());
    }

    /** A device was removed, and perhaps its group ended. */
    void forgetGone() {
        locked(() -> List.copyOf(spaces.values()).forEach(SharedSpace::forgetGone));
    }

    List<SvaBinding> bindings() {
        lock.lock();
        try {
            var all = new ArrayList<SvaBinding>();
            spaces.values().forEach(shared -> all.addAll(shared.bindings()));
            return List.copyOf(all);
        } finally {
            lock.unlock();
        }
    }

    /** The core ends: spaces need not tell it anything any more. */
    void close() {
        locked(() -> List.copyOf(spaces.values()).forEach(SharedSpace::abandon));
    }
}
