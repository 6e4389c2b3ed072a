package sluicegate.core.impl.fake;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciAddress;

/** A bus with the devices that a test puts on it. Tells listeners of one thing at a time, in order. */
public final class FakeBus implements Bus {
    private final FakeMachine machine;
    private final String type;
    private final Map<BusDevice, Optional<DmaDescription>> firmware = new LinkedHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    /** Stands in for {@link #dmaConfigure}, if set. */
    public volatile Function<BusDevice, Optional<DmaDescription>> parser;

    /** What firmware says about requester ids that are no device's. */
    public volatile Map<PciAddress, IommuUnit> requesters = Map.of();

    /** Hears of each time that firmware is asked. */
    public volatile Consumer<BusDevice> onConfigure = device -> { };

    FakeBus(FakeMachine machine, String type) {
        this.machine = machine;
        this.type = type;
    }

    /** A function behind {@code unit}, with its requester id as its only id. */
    public FakePci put(FakePci function, IommuUnit unit) {
        add(function, Optional.of(new DmaDescription(unit, List.of(List.of(function.address().requesterId())), false)));
        return function;
    }

    public FakePci put(String address, IommuUnit unit) {
        return put(pci(address), unit);
    }

    public FakePci putUntranslated(String address) {
        var function = pci(address);
        add(function, Optional.empty());
        return function;
    }

    /** A device that only firmware knows, with stream ids as a device tree would give them. */
    public FakePlatformDevice platform(String name, IommuUnit unit, Integer... streams) {
        var device = new FakePlatformDevice(this, name);
        add(device, Optional.of(new DmaDescription(unit, Arrays.stream(streams).map(List::of).toList(), false)));
        return device;
    }

    public FakePlatformDevice platformUntranslated(String name) {
        var device = new FakePlatformDevice(this, name);
        add(device, Optional.empty());
        return device;
    }

    public FakePci pci(String address) {
        return new FakePci(this, PciAddress.parse(address));
    }

    public void add(BusDevice device, Optional<DmaDescription> description) {
        synchronized (firmware) {
            firmware.put(device, description);
        }
        listeners.forEach(listener -> listener.added(device));
    }

    public void remove(BusDevice device) {
        synchronized (firmware) {
            firmware.remove(device);
        }
        listeners.forEach(listener -> listener.removed(device));
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public Collection<? extends BusDevice> devices() {
        synchronized (firmware) {
            return List.copyOf(firmware.keySet());
        }
    }

    @Override
    public Subscription subscribe(Listener listener) {
        devices().forEach(listener::added);
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public Optional<DmaDescription> dmaConfigure(BusDevice device) {
        onConfigure.accept(device);
        if (parser != null) {
            return parser.apply(device);
        }
        synchronized (firmware) {
            return firmware.get(device);
        }
    }

    @Override
    public Optional<IommuUnit> unitInFrontOf(PciAddress requester) {
        return Optional.ofNullable(requesters.get(requester));
    }
}
