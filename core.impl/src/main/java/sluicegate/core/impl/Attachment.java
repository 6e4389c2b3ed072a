package sluicegate.core.impl;

import java.util.ArrayDeque;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.IommuException;

/** Attaches the members of a group one by one ({@code __iommu_group_set_domain_internal}). Under the group's mutex. */
final class Attachment {
    private static final Logger LOG = LoggerFactory.getLogger(Attachment.class);

    private Attachment() {}

    private record Done(CoreDevice device, Optional<DriverDomain> before) {}

    /**
     * All members, or none: on failure those that were attached already go back, the last first, and so does the one that
     * failed, in case its driver moved it all the same. Who can't go back is blocked.
     */
    static void switchAll(CoreGroup group, CoreDomain domain) {
        var done = new ArrayDeque<Done>();
        for (var device : group.members()) {
            var bound = device.bound();
            if (bound.isEmpty() || device.inReset()) {
                continue; // probing it failed, or its reset is not done: it is blocked
            }
            var before = bound.get().context().attached();
            try {
                attach(device, bound.get(), domain.requirePart());
            } catch (IommuException e) {
                done.push(new Done(device, before));
                done.forEach(step -> goBack(group, step));
                throw e;
            }
            done.push(new Done(device, before));
        }
    }

    /** All members; what cannot be attached to {@code domain} is blocked. */
    static void switchOrBlock(CoreGroup group, CoreDomain domain) {
        for (var device : group.members()) {
            device.bound().ifPresent(bound -> attachOrBlock(group, device, bound, domain));
        }
    }

    /** A device that is being reset stays as it is: it will be attached to whatever is right when that is done. */
    static void attachOrBlock(CoreGroup group, CoreDevice device, CoreDevice.Bound bound, CoreDomain domain) {
        if (device.inReset()) {
            return;
        }
        try {
            attach(device, bound, domain.requirePart());
        } catch (IommuException e) {
            block(group, device, bound, e);
        }
    }

    /** @throws IommuException as attaching may fail */
    static void attach(CoreDevice device, CoreDevice.Bound bound, DriverDomain part) {
        put(device, bound, part);
        device.noLongerStuck();
    }

    private static void put(CoreDevice device, CoreDevice.Bound bound, DriverDomain part) {
        try {
            part.attachDev(bound.context(), bound.context().attached());
            bound.context().attachedTo(part);
        } catch (RuntimeException | LinkageError e) {
            throw DriverErrors.ofAttach(e, "Attaching " + device.name());
        }
    }

    /** Blocks a device for which nothing else worked, and says so. */
    static void block(CoreGroup group, CoreDevice device, CoreDevice.Bound bound, IommuException why) {
        LOG.error("{} of group {} is blocked: {}", device.name(), group.id(), why.getMessage());
        device.stuck("Blocked: " + why.getMessage());
        try {
            put(device, bound, bound.binding().blocked());
        } catch (RuntimeException | LinkageError e) {
            LOG.error("{} cannot even be blocked; its driver breaks the contract", device.name(), e);
        }
    }

    private static void goBack(CoreGroup group, Done step) {
        var bound = step.device().bound().orElseThrow();
        try {
            attach(step.device(), bound, step.before().orElseGet(() -> bound.binding().blocked()));
        } catch (IommuException e) {
            block(group, step.device(), bound, e);
        }
    }
}
