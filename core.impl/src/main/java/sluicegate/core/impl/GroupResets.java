package sluicegate.core.impl;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Device;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;

/**
 * Blocks members while they are reset ({@code pci_dev_reset_iommu_prepare}, {@code pci_dev_reset_iommu_done}). What the group
 * and its PASIDs are attached to stays on record meanwhile; only the hardware forgets it, for the one member. Used under the
 * group's mutex.
 *
 * <p>Kept for each member and not for the group, so that resets of one device may nest and those of several may overlap.
 */
final class GroupResets {
    private static final Logger LOG = LoggerFactory.getLogger(GroupResets.class);

    private final CoreGroup group;

    GroupResets(CoreGroup group) {
        this.group = group;
    }

    /** @throws IommuException what blocking fails with; the device goes on as it was then */
    void prepare(CoreDevice device) {
        if (!group.members().contains(device)) {
            return; // it left; nothing is attached
        }
        if (device.resetDepth() == 0) {
            var bound = device.bound();
            if (bound.isPresent()) {
                Attachment.attach(device, bound.get(), bound.get().binding().blocked());
            }
            // From here on it counts as blocked: drivers look at that when they change a PASID.
            device.resetDepth(1);
            group.pasids().block(device).forEach(problem -> LOG.error("{} before its reset: {}", device.name(), problem));
            bound.ifPresent(GroupResets::dropRequests);
        } else {
            device.resetDepth(device.resetDepth() + 1);
        }
    }

    /** A device that is reset forgets what it has asked for. */
    private static void dropRequests(CoreDevice.Bound bound) {
        try {
            bound.drainRequests(Pasid.NONE);
        } catch (RuntimeException e) {
            LOG.error("{} before its reset: {}", bound.context(), e.getMessage());
        }
        bound.requests().settleAll(PageResponse.INVALID);
    }

    /** A device that asked for too many pages is trusted again after a reset. */
    private static void resume(CoreDevice device, CoreDevice.Bound bound) {
        if (!bound.requests().stopped()) {
            return;
        }
        bound.requests().resume();
        device.requestFence().lower();
        try {
            bound.allowRequests(true);
        } catch (RuntimeException e) {
            LOG.error("{} after its reset: it may not ask for pages: {}", device.name(), e.getMessage());
        }
    }

    /** Attaches the device again, to what its group is attached to by now. Nothing happens if it is not in a reset. */
    void done(CoreDevice device) {
        int depth = device.resetDepth();
        if (depth == 0) {
            return;
        }
        device.resetDepth(depth - 1);
        if (depth == 1 && !isBeingProbed(device)) {
            device.bound().ifPresent(bound -> resume(device, bound));
            device.bound().ifPresent(bound -> Attachment.attachOrBlock(group, device, bound, group.domain()));
            group.pasids().unblock(device).forEach(problem -> {
                LOG.error("{} after its reset: {}", device.name(), problem);
                device.stuck("Blocked after its reset: " + problem);
            });
        }
    }

    /** Its unit's next driver has it, but not yet what the group is attached to: whoever brings that attaches the device, too. */
    private static boolean isBeingProbed(CoreDevice device) {
        return device.state() == Device.State.DEFERRED;
    }

    /** @throws IommuException EBUSY while a member is being reset */
    void requireNone() {
        for (var member : group.members()) {
            if (member.inReset()) {
                throw IommuException.of(Errno.EBUSY, "%s of group %d is being reset; try again when that is done", member.name(),
                        group.id());
            }
        }
    }
}
