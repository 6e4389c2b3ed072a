package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.platform.BusDevice;

/**
 * A device as one binding of a driver sees it. Written under the probe lock (ids, data) and under the group's mutex (what it
 * is attached to).
 */
final class CoreDeviceContext implements DeviceContext {
    private final String name;
    private final BusDevice device;
    private final boolean atsSupported;
    private volatile List<Integer> ids = List.of();
    private volatile Object data;
    private DriverDomain attached;

    CoreDeviceContext(String name, BusDevice device, boolean atsSupported) {
        this.name = name;
        this.device = device;
        this.atsSupported = atsSupported;
    }

    /** The driver's part that the hardware uses for the device; empty before its first attach. */
    Optional<DriverDomain> attached() {
        return Optional.ofNullable(attached);
    }

    void attachedTo(DriverDomain part) {
        attached = part;
    }

    /** Forgets what belongs to the driver. */
    void drop() {
        data = null;
        attached = null;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public BusDevice device() {
        return device;
    }

    @Override
    public List<Integer> ids() {
        return ids;
    }

    @Override
    public synchronized void addId(int id) {
        if (!ids.contains(id)) {
            var more = new ArrayList<>(ids);
            more.add(id);
            ids = List.copyOf(more);
        }
    }

    @Override
    public boolean atsSupported() {
        return atsSupported;
    }

    @Override
    public Optional<Object> driverData() {
        return Optional.ofNullable(data);
    }

    @Override
    public void setDriverData(Object newData) {
        data = newData;
    }

    @Override
    public String toString() {
        return name;
    }
}
