package sluicegate.core.impl;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.AddressSpace;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Fault;
import sluicegate.api.FaultListener;
import sluicegate.api.Group;
import sluicegate.api.Iommu;
import sluicegate.api.PageRequestHandler;
import sluicegate.api.SvaBinding;
import sluicegate.api.Unit;
import sluicegate.api.dma.DmaMapper;
import sluicegate.api.dma.DmaMappers;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.dma.DmaLayer;
import sluicegate.core.impl.fault.FaultDesk;
import sluicegate.core.impl.iopf.RequestThreads;

/**
 * The core as a whole: what comes and goes enters here, and applications find it as {@link Iommu}. Needs no OSGi. Thread-safe;
 * may be told of units, drivers and buses in any order.
 */
public class IommuCore implements Iommu, DmaMappers, ProbeProgress {
    private static final Logger LOG = LoggerFactory.getLogger(IommuCore.class);

    private final ProbeLock lock = new ProbeLock();
    private final FlushTimer flushTimer;
    private final RequestThreads requestThreads = new RequestThreads();
    private final PasidAllocator globalPasids = new PasidAllocator();
    private final Registry registry;
    private final DefaultDomainPolicy policy = new DefaultDomainPolicy();
    private final FaultDesk desk = new FaultDesk();
    private final DmaLayer dma = new DmaLayer();
    private final NoIommuGroups withoutIommu;
    private final Deferral deferral = new Deferral(lock);
    private final SharedSpaces shared;
    private final DeviceProber prober;
    private final UnitBinder binder;
    private final Map<Bus, CoreBus> buses = new IdentityHashMap<>();

    public IommuCore() {
        this(new FlushTimer());
    }

    IommuCore(FlushTimer flushTimer) {
        this.flushTimer = flushTimer;
        registry = new Registry(flushTimer, requestThreads);
        prober = new DeviceProber(registry, lock, new DefaultDomains(registry.domains(), policy), deferral, desk);
        binder = new UnitBinder(registry, lock, prober, desk, deferral);
        shared = new SharedSpaces(registry.domains(), globalPasids);
        withoutIommu = new NoIommuGroups(registry.groups());
    }

    // ---- what comes and goes

    public final void addUnit(IommuUnit platform) {
        lock.run(() -> {
            if (registry.unit(platform).isEmpty()) {
                var unit = registry.addUnit(platform, this::swap);
                bind(List.of(unit));
                if (unit.binding().isEmpty()) {
                    binder.probeBehind(List.of(unit)); // so that they are known to wait behind it
                }
            }
        });
    }

    public final void removeUnit(IommuUnit platform) {
        lock.run(() -> registry.unit(platform).ifPresent(binder::remove));
    }

    public final void addDriver(DriverEntry driver) {
        lock.run(() -> {
            registry.addDriver(driver);
            deferral.restart();
            bind(registry.units());
            registry.units().stream().filter(unit -> takesOver(driver, unit)).forEach(unit -> tryToSwap(unit, driver));
        });
    }

    private void tryToSwap(CoreUnit unit, DriverEntry driver) {
        try {
            swap(unit, driver, unit.leavePolicy());
        } catch (IommuException e) {
            LOG.warn("{}: {}", unit.name(), e.getMessage());
        }
    }

    /** A driver that arrives takes over what its older version has, and where a unit is greedy, whoever is ranked lower. */
    private static boolean takesOver(DriverEntry driver, CoreUnit unit) {
        return driver.compatible().contains(unit.compatible()) && !unit.failedDrivers().contains(driver)
                && unit.binding().map(Binding::driver).filter(now -> driver.supersedes(now)
                        || unit.settings().greedy() && driver.ranking() > now.ranking()).isPresent();
    }

    /** When this returns, nothing refers to the driver any more, nor to its class loader. */
    public final void removeDriver(DriverEntry driver) {
        lock.run(() -> {
            registry.removeDriver(driver);
            registry.units().stream()
                    .filter(unit -> unit.binding().filter(binding -> binding.driver() == driver).isPresent())
                    .forEach(unit -> binder.hold(unit, unit.leavePolicy()));
            bind(registry.units());
        });
        RecordCaches.forgetDrivers();
    }

    private void swap(CoreUnit unit, String name, LeavePolicy policy) {
        lock.run(() -> {
            var named = registry.drivers().stream().filter(driver -> driver.name().equals(name)).toList();
            if (named.isEmpty()) {
                throw IommuException.of(Errno.ENOENT, "There is no driver '%s'; start a bundle that has it", name);
            }
            if (unit.state() == Unit.State.GONE) {
                throw unit.noDriver();
            }
            var now = unit.binding().map(Binding::driver);
            var driver = named.stream().filter(each -> each.compatible().contains(unit.compatible()) && !now.equals(Optional.of(each)))
                    .findFirst().or(() -> now.filter(named::contains)).orElseThrow(() -> IommuException.of(Errno.EINVAL,
                            "Driver %s drives %s, and unit %s is %s", name, named.get(0).compatible(), unit.name(), unit.compatible()));
            if (policy == LeavePolicy.KEEP) {
                Adoption.obstacle(driver, unit).ifPresent(why -> {
                    throw IommuException.of(Errno.EOPNOTSUPP, "%s; swap without that, so that DMA is blocked meanwhile", why);
                });
            }
            swap(unit, driver, policy);
        });
    }

    /** Whoever fails to take it, the others have their turn. */
    private void swap(CoreUnit unit, DriverEntry driver, LeavePolicy policy) {
        unit.failedDrivers().clear();
        binder.hold(unit, policy);
        if (binder.bind(unit, driver)) {
            bind(binder.probeBehind(List.of(unit)));
        }
        var why = unit.problem();
        bind(List.of(unit));
        if (unit.binding().filter(binding -> binding.driver() == driver).isEmpty()) {
            throw IommuException.of(Errno.EIO, "%s; %s", why.orElse("Driver " + driver.name() + " did not take unit " + unit.name()),
                    unit.binding().map(binding -> binding.driver().name() + " has it now").orElse("nobody has it now"));
        }
    }

    /**
     * All units first, then all devices in order: numbers do not depend on which unit came first. Where a driver breaks over its
     * devices, the next one has its turn.
     */
    private void bind(Collection<CoreUnit> units) {
        for (var left = units; !left.isEmpty();) {
            left = binder.probeBehind(left.stream().filter(binder::bind).toList());
        }
    }

    public final void addBus(Bus bus) {
        var coreBus = new CoreBus(bus, lock, this::addDevices, this::removeDevice);
        lock.run(() -> buses.put(bus, coreBus));
        coreBus.start();
    }

    public final void removeBus(Bus bus) {
        var found = new ArrayList<CoreBus>(1);
        lock.run(() -> {
            var coreBus = buses.remove(bus);
            if (coreBus != null) {
                found.add(coreBus);
            }
        });
        found.forEach(CoreBus::stop);
        lock.run(() -> {
            prober.forget(bus);
            if (buses.keySet().stream().noneMatch(other -> other.machine() == bus.machine())) {
                dma.forget(bus.machine());
            }
        });
    }

    private void addDevices(List<BusDevice> devices) {
        prober.probe(devices.stream().map(registry::addDevice).toList());
    }

    private void removeDevice(BusDevice busDevice) {
        registry.device(busDevice).ifPresent(device -> {
            device.become(Device.State.GONE, null); // so that no driver is bound to it any more
            prober.release(device);
            withoutIommu.release(device);
            registry.removeDevice(device);
            shared.forgetGone();
        });
    }

    public final void addListener(FaultListener listener) {
        desk.addListener(listener);
    }

    public final void removeListener(FaultListener listener) {
        desk.removeListener(listener);
    }

    /** The type of default domains for which no driver demands one, from now on: DMA, DMA-FQ or identity. */
    public final void setDefaultDomainType(DomainType type) {
        policy.setGlobal(type);
    }

    /**
     * How long devices may wait for a driver of their unit before that counts as an error.
     *
     * @param bound zero if they may wait for ever
     */
    public final void setDeferralBound(Duration bound) {
        lock.run(() -> deferral.setBound(bound));
    }

    /** How drivers come and go at units for which nothing else is set. Core without such a call: blocked, and nobody waits. */
    public final void setDefaultUnitSettings(UnitSettings settings) {
        registry.setDefaultSettings(settings);
    }

    /**
     * How drivers come and go at one unit, which may not be there yet.
     *
     * @param settings empty for what holds for others
     */
    public final void setUnitSettings(String unit, Optional<UnitSettings> settings) {
        registry.setSettings(unit, settings);
    }

    /** Whether devices abort from now on when the last driver that uses their group's default domain is unbound. */
    public final void setAbortUnbound(boolean abort) {
        registry.unbound().setAbort(abort);
    }

    /** Every device is released, every driver leaves. */
    public final void close() {
        var all = new ArrayList<Bus>();
        lock.run(() -> all.addAll(buses.keySet()));
        shared.close();
        all.forEach(this::removeBus);
        lock.run(() -> List.copyOf(registry.units()).forEach(binder::remove));
        requestThreads.close();
        flushTimer.close();
        deferral.close();
    }

    @Override
    public final boolean awaitProbed(Machine machine, Duration time) {
        return lock.await(() -> machine.units().stream().allMatch(unit -> registry.unit(unit).isPresent())
                && machine.buses().stream().allMatch(bus -> buses.containsKey(bus) && buses.get(bus).upToDate()),
                time.toNanos(), TimeUnit.NANOSECONDS);
    }

    // ---- what applications ask

    @Override
    public final List<Device> devices() {
        return List.copyOf(registry.devices());
    }

    @Override
    public final Device device(String name) {
        var exact = registry.device(name);
        if (exact.isPresent()) {
            return exact.get();
        }
        var matches = registry.devices().stream().filter(device -> device.name().endsWith(":" + name)).toList();
        if (matches.size() > 1) {
            throw IommuException.of(Errno.EINVAL, "'%s' may be any of %s; give the whole name", name, matches);
        }
        return matches.stream().findFirst().orElseThrow(() -> IommuException.of(Errno.ENODEV, "There is no device '%s'", name));
    }

    @Override
    public final List<Group> groups() {
        return List.copyOf(registry.groups().all());
    }

    @Override
    public final Group group(int id) {
        return registry.groups().find(id).orElseThrow(() -> IommuException.of(Errno.ENOENT, "There is no group %d", id));
    }

    @Override
    public final Group makeNoIommuGroup(Device device) {
        return withoutIommu.make(CoreDevice.of(device));
    }

    @Override
    public final List<String> taints() {
        return withoutIommu.taints();
    }

    @Override
    public final List<Unit> units() {
        return List.copyOf(registry.units());
    }

    @Override
    public final Unit unit(String name) {
        return registry.unit(name).orElseThrow(() -> IommuException.of(Errno.ENODEV, "There is no unit '%s'", name));
    }

    @Override
    public final Unit unitInFrontOf(PciAddress requester) {
        return RequesterUnits.find(registry, requester);
    }

    @Override
    public final List<DriverInfo> drivers() {
        return registry.drivers().stream().map(registry::describe).toList();
    }

    @Override
    public final List<Domain> domains() {
        return List.copyOf(registry.domains().all());
    }

    @Override
    public final Domain domain(String name) {
        return registry.domains().all().stream().filter(domain -> domain.name().equals(name)).findFirst()
                .orElseThrow(() -> IommuException.of(Errno.ENOENT, "There is no domain '%s'", name));
    }

    @Override
    public final Domain allocateDomain(Device device, Set<AllocFlag> flags) {
        return allocate(device, bound -> registry.domains().make(bound.unit(), flags, Optional.empty()));
    }

    @Override
    public final Domain allocateDomain(Device device, Set<AllocFlag> flags, PageRequestHandler handler) {
        var all = EnumSet.of(AllocFlag.FAULTS);
        all.addAll(flags);
        return allocate(device, bound -> registry.domains().make(bound.unit(), all, Optional.of(handler)));
    }

    @Override
    public final Domain allocateNestedDomain(Device device, Domain parent, List<Long> guestTables) {
        return allocate(device, bound -> {
            if (!(parent instanceof CoreDomain known) || known.unit() != bound.unit()) {
                throw IommuException.of(Errno.EINVAL, "Domain %s is not of unit %s, which serves %s", parent, bound.unit().name(),
                        device.name());
            }
            if (!known.flags().contains(AllocFlag.NEST_PARENT)) {
                throw IommuException.of(Errno.EINVAL, "Domain %s cannot be a parent; allocate one with %s", known.name(),
                        AllocFlag.NEST_PARENT);
            }
            return registry.domains().makeNested(bound.unit(), new DomainPlan.Nesting(known, List.copyOf(guestTables)));
        });
    }

    private static Domain allocate(Device device, Function<CoreDevice.Bound, CoreDomain> make) {
        var known = CoreDevice.of(device);
        return known.withDriver(() -> allocate(known.requireBound(), make));
    }

    private static Domain allocate(CoreDevice.Bound bound, Function<CoreDevice.Bound, CoreDomain> make) {
        Supplier<IommuException> noDriver = bound.unit()::noDriver;
        return bound.unit().gate().call(binding -> {
            if (binding != bound.binding()) {
                throw noDriver.get();
            }
            var domain = make.apply(bound);
            try {
                DomainParts.ensure(domain, binding, bound.context());
            } catch (RuntimeException | LinkageError e) {
                domain.retire();
                throw e;
            }
            return domain;
        }).orElseThrow(noDriver);
    }

    @Override
    public final int allocatePasid(Device device) {
        var known = CoreDevice.of(device);
        var bound = known.requireBound();
        int limit = Math.min(bound.binding().maxPasids(), 1 << Math.min(known.busDevice().pasidBits(), 20));
        if (limit <= 1) {
            throw IommuException.of(Errno.EOPNOTSUPP, "Device %s, or its unit %s, has no PASIDs", device.name(), bound.unit().name());
        }
        return globalPasids.allocate(limit);
    }

    @Override
    public final void freePasid(int pasid) {
        globalPasids.free(pasid);
    }

    @Override
    public final SvaBinding bind(Device device, AddressSpace space, Consumer<SvaBinding> whenEnded) {
        var known = CoreDevice.of(device);
        return known.withDriver(() -> shared.bind(known, space, whenEnded));
    }

    @Override
    public final List<SvaBinding> bindings() {
        return shared.bindings();
    }

    @Override
    public final DmaMapper dmaMapper(Device device) {
        return CoreDevice.of(device).dma(dma);
    }

    @Override
    public final void setDmaDebug(boolean debug) {
        dma.setDebug(debug);
    }

    @Override
    public final List<Report> dmaReports() {
        return dma.reports();
    }

    @Override
    public final List<Fault> recentFaults() {
        return desk.latest();
    }
}
