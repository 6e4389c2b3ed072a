package sluicegate.core.impl;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Device;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * Groups that are made for devices without an IOMMU, and the taint that they leave ({@code vfio_noiommu_group_alloc}). Only a
 * device that firmware puts behind no unit may have one: one that waits for its unit will get a real group.
 */
final class NoIommuGroups {
    private static final Logger LOG = LoggerFactory.getLogger(NoIommuGroups.class);

    private final GroupTable groups;
    private final List<String> taints = new CopyOnWriteArrayList<>();

    NoIommuGroups(GroupTable groups) {
        this.groups = groups;
    }

    synchronized NoIommuGroup make(CoreDevice device) {
        if (device.state() == Device.State.GONE) {
            throw IommuException.of(Errno.ENODEV, "Device %s was removed from its bus", device.name());
        }
        // Read once: its driver may be leaving, and the group with it.
        device.coreGroup().ifPresent(group -> {
            throw IommuException.of(Errno.EBUSY, "Device %s has an IOMMU and is in group %d; use that", device.name(), group.id());
        });
        requireWithout(device);
        if (device.groupWithout().isEmpty()) {
            var group = groups.add(id -> new NoIommuGroup(id, device));
            device.joinWithout(group);
            try {
                requireWithout(device); // or it is being probed since
            } catch (IommuException e) {
                release(device);
                throw e;
            }
            taints.add(device.name() + " is in group " + group.id() + " without an IOMMU: its owner reaches all memory");
            LOG.warn("The platform is tainted: {}", taints.get(taints.size() - 1));
        }
        return device.groupWithout().orElseThrow();
    }

    private static void requireWithout(CoreDevice device) {
        if (device.state() != Device.State.NO_IOMMU) {
            throw IommuException.of(Errno.EBUSY, "Device %s cannot go without an IOMMU: %s", device.name(),
                    device.problem().orElse("its state is " + device.state().word()));
        }
    }

    /** The device was removed. The taint stays: what it did to memory is done. */
    synchronized void release(CoreDevice device) {
        device.groupWithout().ifPresent(group -> {
            groups.remove(group);
            device.joinWithout(null);
        });
    }

    List<String> taints() {
        return List.copyOf(taints);
    }
}
