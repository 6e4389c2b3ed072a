package sluicegate.sim.platform;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.DeviceDescription;
import sluicegate.machine.firmware.PlatformNames;
import sluicegate.machine.pci.Subscribers;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.pci.DmaEngine;
import sluicegate.sim.unit.Arrival;

/** The devices of a machine that firmware alone describes. They neither come nor go. Thread-safe. */
public final class PlatformBus implements Bus {
    private final Machine machine;
    private final Wiring wiring;
    private final List<SimPlatformDevice> devices;
    private final Subscribers subscribers = new Subscribers();

    /** What firmware says about which unit is in front of which device. */
    public interface Wiring {
        /** Where a device's requests arrive, which have the first of its ids. */
        Optional<Arrival> arrivalOf(DeviceDescription device);

        /** Whether firmware has its requests arrive at a unit that the machine has not: they get nowhere. */
        boolean isCutOff(DeviceDescription device);

        /**
         * What a device is to its unit.
         *
         * @throws IommuException EINVAL if what firmware says makes no sense, or the machine has not that unit
         */
        DmaDescription identityOf(DeviceDescription device);
    }

    public PlatformBus(Machine machine, PhysicalMemory memory, InterruptController interrupts, PlatformNames names,
            List<DeviceDescription> devices, Wiring wiring) {
        this.machine = machine;
        this.wiring = wiring;
        this.devices = devices.stream().map(device -> new SimPlatformDevice(this, names.of(device), device, memory, interrupts,
                wiring.arrivalOf(device), wiring.isCutOff(device))).toList();
    }

    @Override
    public String type() {
        return "platform";
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public Collection<? extends BusDevice> devices() {
        return devices;
    }

    @Override
    public Subscription subscribe(Listener listener) {
        var queue = subscribers.open(listener, devices);
        queue.deliver();
        return queue;
    }

    @Override
    public Optional<DmaDescription> dmaConfigure(BusDevice device) {
        if (!(device instanceof SimPlatformDevice known) || known.bus() != this) {
            throw IommuException.of(Errno.EINVAL, "%s is not on the platform bus of machine %s", device.name(), machine.name());
        }
        return Optional.of(wiring.identityOf(known.described()));
    }

    /** The machine goes off: no request leaves any device from now on. */
    public void powerOff() {
        devices.forEach(device -> device.engine().setGate(DmaEngine.Gate.GONE));
    }
}
