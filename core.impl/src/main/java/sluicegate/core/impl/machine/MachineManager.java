package sluicegate.core.impl.machine;

import java.time.Duration;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Machines;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MachineFactory;
import sluicegate.api.platform.MachineFactory.Description;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.ProbeProgress;

/** Boots machines and keeps account of those that run. Needs no OSGi. Thread-safe; one boot or power-off at a time. */
public class MachineManager implements Machines {
    private static final Logger LOG = LoggerFactory.getLogger(MachineManager.class);

    private final ProbeProgress progress;
    private final Duration patience;
    private final ReentrantLock life = new ReentrantLock();
    private final List<MachineFactory> factories = new CopyOnWriteArrayList<>();
    /** Those that a factory published, or returned to us, by name. Changed without the lock: services come and go at any time. */
    private final Map<String, Machine> running = new ConcurrentHashMap<>();

    /** @param patience how long a boot waits for the core to probe the machine's devices */
    public MachineManager(ProbeProgress progress, Duration patience) {
        this.progress = progress;
        this.patience = patience;
    }

    public final void addFactory(MachineFactory factory) {
        factories.add(factory);
    }

    public final void removeFactory(MachineFactory factory) {
        factories.remove(factory);
    }

    public final void addMachine(Machine machine) {
        running.putIfAbsent(machine.name(), machine);
    }

    public final void removeMachine(Machine machine) {
        running.remove(machine.name(), machine);
    }

    @Override
    public final List<Description> available() {
        return factories.stream().flatMap(factory -> factory.descriptions().stream())
                .sorted(Comparator.comparing(Description::name)).toList();
    }

    @Override
    public final List<Machine> running() {
        return running.values().stream()
                .sorted(Comparator.comparingInt((Machine machine) -> segments(machine).nextSetBit(0)).thenComparing(Machine::name))
                .toList();
    }

    @Override
    public final Machine machine(String name) {
        var machine = running.get(name);
        if (machine == null) {
            throw IommuException.of(Errno.ENOENT, "No machine '%s' runs; running: %s", name, list(running.keySet().stream().sorted().toList()));
        }
        return machine;
    }

    @Override
    public final Machine boot(String nameOrFolder) {
        life.lock();
        try {
            if (running.containsKey(nameOrFolder)) {
                throw exists(nameOrFolder);
            }
            var factory = factories.stream().filter(candidate -> candidate.accepts(nameOrFolder)).findFirst()
                    .orElseThrow(() -> IommuException.of(Errno.ENOENT, "No machine '%s' is known; available: %s, or the folder of a machine description",
                            nameOrFolder, list(available().stream().map(Description::name).toList())));
            var machine = factory.boot(nameOrFolder, freeSegment());
            var before = running.putIfAbsent(machine.name(), machine);
            if (before != null && before != machine) {
                machine.powerOff();
                throw exists(machine.name());
            }
            if (!progress.awaitProbed(machine, patience)) {
                LOG.warn("Machine {} runs, but after {} s not all of its devices are probed", machine.name(), patience.toSeconds());
            }
            return machine;
        } finally {
            life.unlock();
        }
    }

    @Override
    public final void powerOff(String name) {
        life.lock();
        try {
            var machine = machine(name);
            machine.powerOff();
            running.remove(name, machine);
        } finally {
            life.unlock();
        }
    }

    private static IommuException exists(String name) {
        return IommuException.of(Errno.EEXIST, "Machine '%s' runs already; power it off first", name);
    }

    private int freeSegment() {
        var used = new BitSet();
        running.values().forEach(machine -> used.or(segments(machine)));
        return used.nextClearBit(0);
    }

    /** The PCI segments of a machine, by its devices and units. */
    private static BitSet segments(Machine machine) {
        var segments = new BitSet();
        machine.units().forEach(unit -> segments.set(unit.segment()));
        for (var bus : machine.buses()) {
            for (var device : bus.devices()) {
                if (device instanceof PciFunction function) {
                    segments.set(function.address().segment());
                }
            }
        }
        return segments;
    }

    private static String list(List<String> names) {
        return names.isEmpty() ? "none" : names.stream().collect(Collectors.joining(", "));
    }
}
