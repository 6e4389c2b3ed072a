package sluicegate.core.impl;

import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Device;
import sluicegate.api.Unit;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.fault.FaultDesk;

/** Brings units and drivers together, and apart. Everything here runs under the probe lock. */
final class UnitBinder {
    private static final Logger LOG = LoggerFactory.getLogger(UnitBinder.class);

    private final Registry registry;
    private final ProbeLock lock;
    private final DeviceProber prober;
    private final FaultDesk desk;
    private final Deferral deferral;
    private final Map<CoreUnit, UnitFaults> sinks = new IdentityHashMap<>();

    UnitBinder(Registry registry, ProbeLock lock, DeviceProber prober, FaultDesk desk, Deferral deferral) {
        this.registry = registry;
        this.lock = lock;
        this.prober = prober;
        this.desk = desk;
        this.deferral = deferral;
    }

    private record Context(CoreUnit core, FaultSink faults, boolean held) implements ProbeContext {
        @Override
        public IommuUnit unit() {
            return core.platform();
        }

        @Override
        public String unitName() {
            return core.name();
        }

        @Override
        public void withoutDma(Runnable action) {
            Silence.during(core, action);
        }
    }

    /**
     * Lets the drivers that suit the unit try to take it, the best first, and those of which there is a newer version last. Returns
     * whether one did.
     */
    boolean bind(CoreUnit unit) {
        var drivers = registry.drivers();
        var old = drivers.stream().filter(driver -> drivers.stream().anyMatch(other -> other.supersedes(driver))).toList();
        return Stream.concat(drivers.stream().filter(driver -> !old.contains(driver)), old.stream()).anyMatch(driver -> bind(unit, driver));
    }

    /** Lets one driver try to take a unit that has none, if it suits and has not failed before. Returns whether it did. */
    boolean bind(CoreUnit unit, DriverEntry driver) {
        lock.assertHeld();
        if (unit.state() == Unit.State.BOUND || unit.state() == Unit.State.GONE
                || !driver.compatible().contains(unit.compatible()) || unit.failedDrivers().contains(driver)) {
            return false;
        }
        var failure = probe(unit, driver);
        failure.ifPresent(why -> {
            unit.failedDrivers().add(driver);
            var problem = "Driver " + driver.name() + " did not take unit " + unit.name() + ": " + why.getMessage();
            if (why.errno() == Errno.ENODEV) {
                unit.become(unit.state(), problem);
                return;
            }
            unit.become(Unit.State.FAILED, problem);
            LOG.error(problem);
            stopTranslating(unit);
        });
        return failure.isEmpty();
    }

    /** Nobody knows what a driver that failed has done to tables that were left translating. */
    private static void stopTranslating(CoreUnit unit) {
        if (unit.translating()) {
            unit.fence().raise(unit);
            unit.setTranslating(false);
        }
    }

    private Optional<IommuException> probe(CoreUnit unit, DriverEntry driver) {
        var sink = new UnitFaults(unit, desk);
        try {
            var obstacle = unit.translating() ? Adoption.obstacle(driver, unit) : Optional.<String>empty();
            obstacle.ifPresent(why -> LOG.warn("{}: {}, so devices are blocked until they are attached again", unit.name(), why));
            var context = new Context(unit, sink, unit.translating() && obstacle.isEmpty());
            var ops = DriverCall.make("Probing " + unit.name(), () -> driver.driver().probe(context));
            if (ops == null) {
                throw IommuException.of(Errno.EIO, "It returned no operations");
            }
            unit.gate().open(takeStaticDomains(unit, driver, ops));
            unit.become(Unit.State.BOUND, null);
            sinks.put(unit, sink);
            LOG.info("{} is bound to {}", unit.name(), driver.name());
            return Optional.empty();
        } catch (RuntimeException | LinkageError e) {
            sink.end();
            return Optional.of(e instanceof RuntimeException known ? DriverErrors.of(known, "Probing it")
                    : new IommuException(Errno.EIO, "Its bundle is broken: " + e, e));
        }
    }

    /** What is asked once; if that does not work, the driver leaves at once. */
    private Binding takeStaticDomains(CoreUnit unit, DriverEntry driver, IommuOps ops) {
        if (!unit.hasStaticDomains()) {
            unit.setStaticDomains(registry.domains().makeStatic(unit, DomainType.IDENTITY),
                    registry.domains().makeStatic(unit, DomainType.BLOCKED));
        }
        try {
            var blocked = ops.blockedDomain();
            if (blocked == null) {
                throw IommuException.of(Errno.EIO, "It has no blocked domain");
            }
            unit.blocked().rebuild(() -> blocked);
            ops.identityDomain().ifPresent(identity -> unit.identity().rebuild(() -> identity));
            return new Binding(driver, ops, blocked, ops.maxPasids());
        } catch (RuntimeException | LinkageError e) {
            unit.blocked().dropPart(true);
            unit.identity().dropPart(true);
            leave(unit, driver, ops, LeavePolicy.BLOCK);
            throw e;
        }
    }

    /**
     * Probes what waits behind units that have just been bound, and gives idle domains their parts. A unit whose driver turns out
     * to be broken is taken back from it, as {@code iommu_device_register} does.
     *
     * @return the units that are without a driver again
     */
    List<CoreUnit> probeBehind(Collection<CoreUnit> bound) {
        bound.forEach(prober::breakage); // what broke in earlier days counts no more
        var waiting = registry.devices().stream().filter(device -> device.bound().isEmpty() && mayBeProbed(device, bound)).toList();
        prober.probe(waiting);
        var refused = bound.stream().filter(this::unregisterBroken).toList();
        bound.stream().filter(unit -> !refused.contains(unit)).forEach(prober::rebuildIdleDomains);
        return Stream.concat(refused.stream(), bound.stream().filter(unit -> !refused.contains(unit) && !takeOver(unit))).toList();
    }

    /** The driver has all that the core remembers: whoever waits goes on. Returns whether it could make that of what it found. */
    private boolean takeOver(CoreUnit unit) {
        if (unit.translating()) {
            try {
                unit.binding().ifPresent(binding -> DriverCall.make("Taking over " + unit.name(), () -> {
                    binding.ops().adopted();
                    return true;
                }));
            } catch (IommuException e) {
                refuse(unit, e);
                return false;
            }
        }
        try {
            unit.endTranslating(() -> registry.domains().of(unit).forEach(CoreDomain::forgetShared));
        } catch (RuntimeException | LinkageError e) {
            refuse(unit, DriverErrors.of(e, "Invalidating what address spaces have changed"));
            return false;
        }
        unit.handover().end();
        return true;
    }

    /** Besides what is behind these units: whatever asked to be tried again, by its firmware or its unit's driver. */
    private boolean mayBeProbed(CoreDevice device, Collection<CoreUnit> bound) {
        if (device.description().isEmpty()) {
            return device.state() == Device.State.DEFERRED;
        }
        var unit = registry.unit(device.description().get().unit());
        return unit.filter(bound::contains).isPresent()
                || device.state() == Device.State.DEFERRED && unit.flatMap(CoreUnit::binding).isPresent();
    }

    private boolean unregisterBroken(CoreUnit unit) {
        var breakage = prober.breakage(unit);
        if (breakage.isEmpty() || unit.binding().isEmpty()) {
            return false;
        }
        refuse(unit, breakage.get());
        return true;
    }

    private void refuse(CoreUnit unit, IommuException why) {
        var driver = unit.binding().orElseThrow().driver();
        hold(unit, LeavePolicy.BLOCK);
        unit.failedDrivers().add(driver);
        unit.become(Unit.State.FAILED, "Driver " + driver.name() + " broke while it took over what is behind the unit: " + why.getMessage());
        LOG.error("{}: {}", unit.name(), unit.problem().orElseThrow());
    }

    /**
     * The driver leaves the unit, or is made to, and nothing of it stays behind: its devices end up blocked, or its tables
     * translate for them. An address space that changes meanwhile waits, or has devices silenced ({@link CoreUnit#tell}); where that
     * can't be done to one that shares it, they are blocked whatever is wanted.
     */
    void hold(CoreUnit unit, LeavePolicy wanted) {
        lock.assertHeld();
        var binding = unit.binding();
        if (binding.isEmpty()) {
            return;
        }
        boolean blocks = unit.deviceMap().values().stream().anyMatch(CoreDevice::sharesUnstoppably);
        var policy = blocks ? LeavePolicy.BLOCK : wanted;
        unit.handover().begin(unit.settings().patience());
        unit.become(Unit.State.HELD, null);
        if (policy == LeavePolicy.KEEP) {
            // Before the first device is let go of, so that nobody takes it for one that is blocked.
            unit.setTranslating(true);
        }
        unit.gate().close();
        var quiet = new AtomicBoolean(true);
        for (var group : registry.groupsOf(unit)) {
            group.locked(() -> group.members().forEach(device -> {
                if (!prober.unbind(device, binding.get(), policy)) {
                    quiet.set(false);
                }
                deferral.defer(device, unit.noDriver().getMessage());
            }));
            group.renewReferences();
        }
        registry.domains().of(unit).forEach(policy == LeavePolicy.KEEP ? CoreDomain::leavePart : domain -> domain.dropPart(quiet.get()));
        leave(unit, binding.get().driver(), binding.get().ops(), policy);
        sinks.remove(unit).end();
        LOG.info("{} is held, {}: its driver {} has left", unit.name(), unit.translating() ? "translating" : "blocked",
                binding.get().driver().name());
    }

    private static void leave(CoreUnit unit, DriverEntry driver, IommuOps ops, LeavePolicy policy) {
        try {
            DriverCall.make("Leaving " + unit.name(), () -> {
                ops.leave(policy);
                return true;
            });
            unit.setTranslating(policy == LeavePolicy.KEEP);
        } catch (IommuException e) {
            LOG.error("{}: driver {} failed to leave; functions behind it are kept from sending until the next driver comes", unit.name(),
                    driver.name(), e);
            unit.fence().raise(unit);
            unit.setTranslating(false);
        }
    }

    /** The unit is withdrawn: the driver leaves it, its devices wait for one that is not there any more. */
    void remove(CoreUnit unit) {
        lock.assertHeld();
        hold(unit, LeavePolicy.BLOCK);
        for (var device : unit.deviceMap().values()) {
            prober.release(device);
            device.putBehind(null);
            if (device.groupWithout().isEmpty()) {
                deferral.defer(device, "Its unit " + unit.name() + " is gone");
            }
        }
        unit.become(Unit.State.GONE, null);
        unit.setTranslating(false);
        registry.domains().of(unit).forEach(CoreDomain::abandon);
        unit.setStaticDomains(null, null);
        registry.removeUnit(unit);
        unit.handover().end();
    }
}
