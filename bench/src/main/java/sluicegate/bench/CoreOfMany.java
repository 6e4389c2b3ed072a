package sluicegate.bench;

import java.util.List;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;

/** A core with {@link ManyDevices} and a driver for them that does nothing. The units are there from the beginning. */
public final class CoreOfMany implements AutoCloseable {
    private final IommuCore core = new IommuCore();
    private final ManyDevices bus;

    public CoreOfMany(int devices) {
        bus = new ManyDevices(devices);
        bus.units().forEach(core::addUnit);
    }

    public IommuCore core() {
        return core;
    }

    public void addDriver() {
        core.addDriver(new DriverEntry(new NullDriver(), "null", "bench", "0", 0, 0, List.of(NullDriver.COMPATIBLE)));
    }

    public void addBus() {
        core.addBus(bus);
    }

    @Override
    public void close() {
        core.close();
    }
}
