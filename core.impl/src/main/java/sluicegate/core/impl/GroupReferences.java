package sluicegate.core.impl;

import java.util.Objects;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * A group as the driver of one binding sees it: a number and a count of references. Each member holds one; a driver may hold
 * more. They end with the binding: a group gets a new count when its unit gets a new driver.
 */
final class GroupReferences implements DeviceGroup {
    private final CoreGroup group;
    private int count;

    GroupReferences(CoreGroup group, int count) {
        this.group = group;
        this.count = count;
    }

    CoreGroup group() {
        return group;
    }

    @Override
    public int id() {
        return group.id();
    }

    @Override
    public void setName(String name) {
        group.setName(Objects.requireNonNull(name, "name"));
    }

    @Override
    public synchronized DeviceGroup reference() {
        if (count == 0) {
            throw IommuException.of(Errno.EINVAL, "Group %d is freed already; take no reference to it", id());
        }
        count++;
        return this;
    }

    @Override
    public void release() {
        synchronized (this) {
            if (count == 0) {
                throw IommuException.of(Errno.EINVAL, "More references to group %d were given back than taken", id());
            }
            count--;
            if (count != 0) {
                return;
            }
        }
        group.unreferenced(this);
    }

    /**
     * Makes the count at least {@code least}, which is what the core knows of.
     *
     * @return how many were missing
     */
    synchronized int repair(int least) {
        int missing = Math.max(0, least - count);
        count += missing;
        return missing;
    }

    synchronized int count() {
        return count;
    }
}
