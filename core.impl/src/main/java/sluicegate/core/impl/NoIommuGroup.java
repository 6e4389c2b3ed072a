package sluicegate.core.impl;

import java.util.List;
import java.util.Optional;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;

/**
 * A group that software made for a device without an IOMMU (VFIO's no-IOMMU mode). It has a number and a member; everything
 * that would need hardware fails and says why.
 */
record NoIommuGroup(int id, Device device) implements Group {
    @Override
    public Optional<String> name() {
        return Optional.of("no-iommu");
    }

    @Override
    public boolean hasIommu() {
        return false;
    }

    @Override
    public List<Device> devices() {
        return List.of(device);
    }

    @Override
    public Domain domain() {
        throw without(Errno.ENODEV);
    }

    @Override
    public Optional<Domain> defaultDomain() {
        return Optional.empty();
    }

    @Override
    public List<ReservedRegion> reservedRegions() {
        return List.of();
    }

    @Override
    public void attach(Domain domain) {
        throw without(Errno.EINVAL);
    }

    @Override
    public void detach() {
        throw without(Errno.EINVAL);
    }

    @Override
    public Optional<Object> owner() {
        return Optional.empty();
    }

    @Override
    public int users() {
        return 0;
    }

    @Override
    public void claim(Object owner) {
        throw without(Errno.EINVAL);
    }

    @Override
    public void release(Object owner) {
        throw without(Errno.EINVAL);
    }

    @Override
    public void setDefaultType(Optional<DomainType> type) {
        throw without(Errno.EINVAL);
    }

    /** Why something that needs an IOMMU fails. */
    IommuException without(Errno errno) {
        return IommuException.of(errno, "No IOMMU is in front of %s: group %d was made without one, and the device reaches all memory",
                device.name(), id);
    }

    /** Identity, as for other groups. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return "group " + id;
    }
}
