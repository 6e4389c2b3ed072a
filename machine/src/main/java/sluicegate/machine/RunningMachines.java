package sluicegate.machine;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The machines that one factory has booted: their names, their services, and their end with that of the factory.
 * Thread-safe.
 */
public final class RunningMachines implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningMachines.class);

    private final BundleContext context;
    private final String kind;
    /** By name; a name is taken from the moment its boot begins. */
    private final Map<String, Optional<PublishableMachine>> running = new HashMap<>();
    private boolean closed;

    /**
     * @param context of the bundle that the services belong to
     * @param kind of its machines, as {@link Machine#kind}, for messages
     */
    public RunningMachines(BundleContext context, String kind) {
        this.context = context;
        this.kind = kind;
    }

    /**
     * Boots a machine and publishes it. All or nothing.
     *
     * @param name what the machine will be called
     * @param boot makes the machine; called once, without a lock
     * @throws IommuException EEXIST if a machine of that name runs, ENODEV once this is closed, and what {@code boot} throws
     */
    public <M extends PublishableMachine> M boot(String name, Supplier<M> boot) {
        reserve(name);
        M machine = null;
        var services = new ArrayList<ServiceRegistration<?>>();
        try {
            machine = boot.get();
            machine.onPowerOff(() -> withdraw(name, services));
            publish(machine, services);
            settle(name, machine);
            return machine;
        } catch (RuntimeException e) {
            if (machine == null) {
                withdraw(name, services);
            } else {
                machine.powerOff();
            }
            throw e;
        }
    }

    private void reserve(String name) {
        synchronized (running) {
            checkOpen(name);
            if (running.containsKey(name)) {
                throw IommuException.of(Errno.EEXIST, "A machine named %s is running already; power it off first", name);
            }
            running.put(name, Optional.empty());
        }
    }

    private void settle(String name, PublishableMachine machine) {
        synchronized (running) {
            checkOpen(name);
            running.replace(name, Optional.of(machine));
        }
    }

    private void checkOpen(String name) {
        if (closed) {
            throw IommuException.of(Errno.ENODEV, "The bundle of %s machines is stopping; %s can't boot", kind, name);
        }
    }

    /** The machine first, so that whoever meets a unit or bus finds it; buses last, so that devices find their units. */
    private void publish(Machine machine, List<ServiceRegistration<?>> services) {
        services.add(context.registerService(Machine.class, machine, properties(machine)));
        for (var unit : machine.units()) {
            var properties = properties(machine);
            properties.put(IommuUnit.COMPATIBLE, unit.compatible());
            properties.put("iommu.unit", unit.name());
            services.add(context.registerService(IommuUnit.class, unit, properties));
        }
        for (var bus : machine.buses()) {
            var properties = properties(machine);
            properties.put("bus.type", bus.type());
            services.add(context.registerService(Bus.class, bus, properties));
        }
    }

    private static Dictionary<String, Object> properties(Machine machine) {
        var properties = new Hashtable<String, Object>();
        properties.put("machine.name", machine.name());
        properties.put("machine.kind", machine.kind());
        return properties;
    }

    private void withdraw(String name, List<ServiceRegistration<?>> services) {
        for (int i = services.size() - 1; i >= 0; i--) {
            try {
                services.get(i).unregister();
            } catch (IllegalStateException e) {
                LOG.debug("A service of {} was withdrawn by the framework", name, e);
            }
        }
        synchronized (running) {
            running.remove(name);
        }
    }

    /** Powers off what still runs; nothing boots from now on. */
    @Override
    public void close() {
        List<PublishableMachine> machines;
        synchronized (running) {
            closed = true;
            machines = running.values().stream().flatMap(Optional::stream).toList();
        }
        machines.forEach(Machine::powerOff);
    }
}
