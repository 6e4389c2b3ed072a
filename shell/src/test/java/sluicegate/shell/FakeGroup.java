package sluicegate.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;

/** A group that one owner at a time can claim. */
final class FakeGroup implements Group {
    private final int id;
    private final List<Device> devices;
    private final Domain home;
    final List<Optional<DomainType>> types = new ArrayList<>();
    private Object owner;
    private int users;

    FakeGroup(int id, List<Device> devices, Domain home) {
        this.id = id;
        this.devices = devices;
        this.home = home;
    }

    @Override
    public boolean hasIommu() {
        return true;
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public Optional<String> name() {
        return Optional.of("bay " + id);
    }

    @Override
    public List<Device> devices() {
        return devices;
    }

    @Override
    public Domain domain() {
        return devices.get(0).domain().orElseThrow();
    }

    @Override
    public Optional<Domain> defaultDomain() {
        return Optional.of(home);
    }

    @Override
    public void setDefaultType(Optional<DomainType> type) {
        types.add(type);
    }

    @Override
    public List<ReservedRegion> reservedRegions() {
        return devices.get(0).reservedRegions();
    }

    @Override
    public void attach(Domain domain) {
        devices.forEach(((FakeDomain) domain)::take);
    }

    @Override
    public void detach() {
        devices.forEach(home::detach);
    }

    @Override
    public Optional<Object> owner() {
        return Optional.ofNullable(owner);
    }

    @Override
    public int users() {
        return users;
    }

    @Override
    public void claim(Object newOwner) {
        if (owner != null) {
            throw IommuException.of(Errno.EPERM, "Group %d is owned by %s", id, owner);
        }
        owner = newOwner;
        users = 1;
    }

    @Override
    public void release(Object by) {
        if (!by.equals(owner)) {
            throw IommuException.of(Errno.EPERM, "Group %d is owned by %s, so %s can't release it", id, owner, by);
        }
        owner = null;
        users = 0;
    }
}
