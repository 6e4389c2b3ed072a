package sluicegate.sim.pci;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciConfigImage;
import sluicegate.firmware.PciTree;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.pci.Placement;
import sluicegate.machine.pci.Subscribers;
import sluicegate.sim.device.DeviceModels;
import sluicegate.sim.device.DeviceThread;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.pci.DmaEngine.Gate;
import sluicegate.sim.unit.Arrival;
import sluicegate.sim.unit.UnitModel;

/**
 * The PCI functions of a machine, in all of its segments. Functions can be unplugged and plugged in again while the machine
 * runs.
 *
 * <p>At boot the bus master bit of every function and bridge is set: no device driver comes that would do it, and
 * firmware often leaves it clear. Software may clear it again in the command register. Thread-safe.
 */
public final class PciBus implements Bus {
    private final Machine machine;
    private final PhysicalMemory memory;
    private final InterruptController interrupts;
    private final Wiring wiring;
    private final PciTree tree;
    private final SegmentBase segments;
    private final DeviceThread time;
    private final Object lock = new Object();
    /** In the order of the tree, so that a bridge comes before what is behind it; replaced as a whole. */
    private volatile Map<PciAddress, SimPciFunction> functions = Map.of();
    private final Subscribers subscribers = new Subscribers();
    /** Who is behind each unit; guarded by the lock once the bus is built. */
    private final Map<UnitModel, Endpoints> endpoints = new IdentityHashMap<>();
    private volatile boolean off;

    /** What firmware says about which unit is in front of which function. Addresses are those on the platform. */
    public interface Wiring {
        /** Where a function's requests arrive; empty if no unit is in front of it. */
        Optional<Arrival> arrivalOf(PciFunction function);

        /** Whether firmware has its requests arrive at a unit that the machine has not: they get nowhere. */
        boolean isCutOff(PciFunction function);

        /**
         * What a function is to its unit; empty if there is none.
         *
         * @throws IommuException EINVAL if what firmware says makes no sense, or the machine has not that unit
         */
        Optional<DmaDescription> identityOf(PciFunction function);

        /**
         * The unit in front of a requester id, whether it is a function's or not; empty if there is none.
         *
         * @throws IommuException EINVAL if the machine has not that unit
         */
        Optional<IommuUnit> unitInFrontOf(PciAddress requester);

        /** What is said of the place where a function is. */
        Placement placementOf(PciAddress function);

        /** Configuration space of a function of the description, if it is not as the description has it. */
        default PciConfigImage imageOf(PciConfigImage described) {
            return described;
        }

        /** The configuration space of a function has been written, and is other than it was. */
        default void configured(PciFunction function) { }
    }

    /**
     * @param segments where the tree's segments are on the platform
     */
    public PciBus(Machine machine, PhysicalMemory memory, InterruptController interrupts, PciTree tree,
            SegmentBase segments, Wiring wiring) {
        this.machine = machine;
        this.memory = memory;
        this.interrupts = interrupts;
        this.tree = tree;
        this.segments = segments;
        this.wiring = wiring;
        this.time = new DeviceThread(machine.name());
        var all = new LinkedHashMap<PciAddress, SimPciFunction>();
        for (var node : tree.functions()) {
            var function = build(node, all);
            all.put(function.address(), function);
        }
        functions = all;
        refreshGates();
    }

    private SimPciFunction build(PciTree.Node node, Map<PciAddress, SimPciFunction> present) {
        var upstream = tree.parent(node).map(parent -> {
            var bridge = present.get(onPlatform(parent.address()));
            if (bridge == null) {
                throw IommuException.of(Errno.ENODEV, "%s can't be plugged in: the bridge %s above it is not there",
                        onPlatform(node.address()), onPlatform(parent.address()));
            }
            return bridge;
        });
        PciConfigImage image = wiring.imageOf(node.image());
        var function = new SimPciFunction(this, onPlatform(node.address()), image, upstream,
                wiring.placementOf(onPlatform(node.address())));
        function.enableBusMaster();
        var arrival = wiring.arrivalOf(function);
        var engine = new DmaEngine(function, memory, interrupts, arrival);
        if (wiring.isCutOff(function)) {
            engine.setGate(Gate.CUT_OFF);
        }
        arrival.ifPresent(at -> endpoints.computeIfAbsent(at.unit(), unit -> {
            var behind = new Endpoints();
            unit.connect(behind);
            return behind;
        }).add(at.id(), engine));
        function.connect(engine, () -> {
            refreshGates();
            wiring.configured(function);
        });
        function.serve(interrupts, DeviceModels.of(function, engine, time));
        return function;
    }

    private PciAddress onPlatform(PciAddress address) {
        return segments.onPlatform(address);
    }

    /** Bits that let functions do things have changed: bus master bits of a bridge matter to all that is behind it. */
    private void refreshGates() {
        synchronized (lock) {
            for (var function : functions.values()) {
                function.engine().setAts(function.atsEnabled());
                function.engine().setGate(function.mayMaster() ? Gate.OPEN : Gate.BUS_MASTER_OFF);
            }
        }
    }

    @Override
    public String type() {
        return "pci";
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public Collection<? extends PciFunction> devices() {
        return List.copyOf(functions.values());
    }

    /** The function at an address of the platform. */
    public Optional<PciFunction> find(PciAddress address) {
        return Optional.ofNullable(functions.get(address));
    }

    @Override
    public Subscription subscribe(Listener listener) {
        Subscribers.Queue queue;
        synchronized (lock) {
            queue = subscribers.open(listener, functions.values());
        }
        queue.deliver();
        return queue;
    }

    @Override
    public Optional<DmaDescription> dmaConfigure(BusDevice device) {
        if (!(device instanceof SimPciFunction function) || function.bus() != this) {
            throw IommuException.of(Errno.EINVAL, "%s is not on the PCI bus of machine %s", device.name(), machine.name());
        }
        return wiring.identityOf(function).map(said -> new DmaDescription(said.unit(), said.specifiers(),
                said.atsSupported() && function.hasAts() && !function.untrusted()));
    }

    @Override
    public Optional<IommuUnit> unitInFrontOf(PciAddress requester) {
        return wiring.unitInFrontOf(requester);
    }

    /**
     * Takes a function out, and everything behind it if it is a bridge; what is behind goes first. None of their DMAs is
     * under way on return.
     *
     * @throws IommuException ENODEV if it is not there
     */
    public void unplug(PciAddress address) {
        synchronized (lock) {
            var root = functions.get(address);
            if (root == null) {
                throw IommuException.of(Errno.ENODEV, "%s is not on the PCI bus of machine %s", address, machine.name());
            }
            var left = new LinkedHashMap<>(functions);
            var leaving = new ArrayList<>(left.values().stream().filter(function -> isBehind(function, root)).toList());
            Collections.reverse(leaving);
            for (var function : leaving) {
                left.remove(function.address());
                function.engine().setGate(Gate.GONE);
                wiring.arrivalOf(function).ifPresent(at -> endpoints.get(at.unit()).remove(at.id(), function.engine()));
            }
            functions = left;
            leaving.forEach(function -> subscribers.post(function, false));
        }
        subscribers.deliver();
    }

    private static boolean isBehind(SimPciFunction function, SimPciFunction root) {
        return function == root || function.upstreamBridge()
                .map(bridge -> isBehind((SimPciFunction) bridge, root)).orElse(false);
    }

    /**
     * Puts a function of the machine's description in again, and everything behind it. They are new devices.
     *
     * @throws IommuException ENODEV if the description has no such function, the bridge above it is missing, or the machine
     *     is off; EEXIST if it is there
     */
    public void plug(PciAddress address) {
        synchronized (lock) {
            if (functions.containsKey(address)) {
                throw IommuException.of(Errno.EEXIST, "%s is on the PCI bus already", address);
            }
            if (bringIn(node -> onPlatform(node.address()).equals(address)) == 0) {
                throw IommuException.of(Errno.ENODEV, "The description of machine %s has no function %s", machine.name(),
                        address);
            }
        }
        subscribers.deliver();
    }

    @Override
    public void remove(BusDevice device) {
        if (!(device instanceof SimPciFunction function) || functions.get(function.address()) != device) {
            throw IommuException.of(Errno.ENODEV, "%s is not on the PCI bus of machine %s", device.name(), machine.name());
        }
        unplug(function.address());
    }

    @Override
    public int rescan() {
        int came;
        synchronized (lock) {
            came = bringIn(node -> !functions.containsKey(onPlatform(node.address())));
        }
        subscribers.deliver();
        return came;
    }

    /** Those that are wanted and what is behind them; returns how many came. Under the lock. */
    private int bringIn(Predicate<PciTree.Node> wanted) {
        if (off) {
            throw IommuException.of(Errno.ENODEV, "Machine %s is off", machine.name());
        }
        var built = new LinkedHashMap<>(functions);
        var arriving = new ArrayList<SimPciFunction>();
        for (var node : tree.functions()) {
            if (wanted.test(node) || tree.parent(node).map(parent -> arriving.stream()
                    .anyMatch(bridge -> bridge.address().equals(onPlatform(parent.address())))).orElse(false)) {
                var function = build(node, built);
                built.put(function.address(), function);
                arriving.add(function);
            }
        }
        functions = inTreeOrder(built);
        refreshGates();
        arriving.forEach(function -> subscribers.post(function, true));
        return arriving.size();
    }

    private Map<PciAddress, SimPciFunction> inTreeOrder(Map<PciAddress, SimPciFunction> all) {
        var ordered = new LinkedHashMap<PciAddress, SimPciFunction>();
        for (var node : tree.functions()) {
            var address = onPlatform(node.address());
            if (all.containsKey(address)) {
                ordered.put(address, all.get(address));
            }
        }
        return ordered;
    }

    /** The machine goes off: no request leaves any function from now on. */
    public void powerOff() {
        synchronized (lock) {
            off = true;
            functions.values().forEach(function -> function.engine().setGate(Gate.GONE));
        }
        time.close();
    }
}
