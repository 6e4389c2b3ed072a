package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Device;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.fault.FaultDesk;
import sluicegate.core.impl.iopf.DevicePageRequests;

/**
 * The life of devices ({@code __iommu_probe_device}, {@code __iommu_release_device}). Everything here runs under the probe
 * lock, which is why a device is probed exactly once.
 *
 * <p>Devices are probed in batches, as {@code bus_iommu_probe} does: first each finds its group, then each group gets its default
 * domain, so that its type is decided over all members.
 */
final class DeviceProber {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceProber.class);

    private final Registry registry;
    private final ProbeLock lock;
    private final DefaultDomains defaults;
    private final Deferral deferral;
    /** Units whose driver turned out to be broken while it was probing. */
    private final Map<CoreUnit, IommuException> broken = new IdentityHashMap<>();
    private final FaultDesk desk;
    private final Set<Bus> acsRequested = new HashSet<>();

    DeviceProber(Registry registry, ProbeLock lock, DefaultDomains defaults, Deferral deferral, FaultDesk desk) {
        this.desk = desk;
        this.registry = registry;
        this.lock = lock;
        this.defaults = defaults;
        this.deferral = deferral;
    }

    /** A device that was probed and waits to be attached. @param fresh whether it was in no group before */
    private record Joined(CoreDevice device, CoreDevice.Bound bound, boolean fresh) {}

    /** Probes those of {@code batch} that can be and are not yet. */
    void probe(List<CoreDevice> batch) {
        lock.assertHeld();
        var ordered = batch.stream().sorted(CoreDevice.PROBE_ORDER).toList();
        ordered.forEach(this::readFirmware);
        requestAcs(ordered);
        Map<CoreGroup, List<Joined>> groups = new LinkedHashMap<>();
        for (var device : ordered) {
            probe(device).ifPresent(joined ->
                    groups.computeIfAbsent(joined.device().coreGroup().orElseThrow(), key -> new ArrayList<>()).add(joined));
        }
        groups.forEach((group, joined) -> group.locked(() -> settle(group, joined)));
        groups.values().stream().flatMap(List::stream)
                .filter(joined -> joined.device().state() == Device.State.READY).forEach(DeviceProber::finish);
    }

    // ---- step 1: what firmware says, asked once

    private void readFirmware(CoreDevice device) {
        if (device.described()) {
            return;
        }
        try {
            device.describe(device.busDevice().bus().dmaConfigure(device.busDevice()));
            if (device.description().isEmpty()) {
                device.become(Device.State.NO_IOMMU, null);
            }
        } catch (RuntimeException | LinkageError e) {
            if (e instanceof IommuException known && known.errno() == Errno.EPROBE_DEFER) {
                deferral.defer(device, known.getMessage());
                return;
            }
            // Anything but deferral means: no IOMMU for this device. Others are not concerned.
            device.describe(Optional.empty());
            device.become(Device.State.FAILED, "Firmware's description makes no sense: " + e.getMessage());
            LOG.error("{}: {}", device.name(), device.problem().orElseThrow());
        }
    }

    /** Isolation is asked for before anything is grouped by it ({@code pci_request_acs}), where there is a unit at all. */
    private void requestAcs(List<CoreDevice> batch) {
        var news = new HashSet<Bus>();
        for (var device : batch) {
            if (acsRequested.contains(device.busDevice().bus())) {
                enableAcs(device);
            } else if (device.description().isPresent()) {
                news.add(device.busDevice().bus());
            }
        }
        if (!news.isEmpty()) {
            acsRequested.addAll(news);
            registry.devices().stream().filter(device -> news.contains(device.busDevice().bus()))
                    .forEach(DeviceProber::enableAcs);
        }
    }

    private static void enableAcs(CoreDevice device) {
        if (device.busDevice() instanceof PciFunction function) {
            function.enableAcs();
        }
    }

    /** What broke the driver of {@code unit} since this was last asked. */
    Optional<IommuException> breakage(CoreUnit unit) {
        return Optional.ofNullable(broken.remove(unit));
    }

    void forget(Bus bus) {
        acsRequested.remove(bus);
    }

    // ---- step 2: driver and group

    private Optional<Joined> probe(CoreDevice device) {
        if (device.bound().isPresent() || device.description().isEmpty() || staysWithout(device)) {
            return Optional.empty();
        }
        var unit = registry.unit(device.description().get().unit());
        if (unit.isEmpty()) {
            deferral.defer(device, "Its unit " + device.description().get().unit().name() + " is not there yet");
            return Optional.empty();
        }
        device.putBehind(unit.get());
        unit.get().deviceMap().put(device.name(), device);
        var binding = unit.get().binding();
        if (binding.isEmpty()) {
            deferral.defer(device, unit.get().noDriver().getMessage());
            return Optional.empty();
        }
        try {
            return Optional.of(probe(device, unit.get(), binding.get()));
        } catch (RuntimeException | LinkageError e) {
            var problem = DriverErrors.of(e, "Probing " + device.name());
            if (e instanceof LinkageError) {
                broken.put(unit.get(), problem);
            }
            failed(device, problem);
            return Optional.empty();
        }
    }

    /**
     * A driver had said that the device is not its own, and software made a group for it since: it is in one group, until it is
     * removed. Where the group is just being made, either this or {@link NoIommuGroups} sees the other, as both write first.
     */
    static boolean staysWithout(CoreDevice device) {
        var why = device.problem().orElse(null);
        if (device.state() == Device.State.NO_IOMMU) {
            device.become(Device.State.DEFERRED, "It is being probed again");
        }
        boolean stays = device.groupWithout().isPresent();
        if (stays) {
            device.become(Device.State.NO_IOMMU, why);
        }
        return stays;
    }

    private Joined probe(CoreDevice device, CoreUnit unit, Binding binding) {
        var description = device.description().orElseThrow();
        var ops = binding.ops();
        var context = new CoreDeviceContext(device.name(), device.busDevice(), description.atsSupported());
        description.specifiers().forEach(specifier -> ops.ofXlate(context, specifier));
        ops.probeDevice(context);
        boolean fresh = device.coreGroup().isEmpty();
        try {
            var bound = new CoreDevice.Bound(unit, binding, context, demand(device, binding, context),
                    new DevicePageRequests(new CoreRequestLink(device, unit, binding, context, desk,
                            registry.domains().requestThreads())));
            var regions = ReservedRegions.merge(ops.reservedRegions(context));
            join(device, unit, (GroupReferences) checked(ops.deviceGroup(context, new CoreGroupFactory(registry, unit, defaults)), device));
            device.takenBy(bound, regions);
            device.sources().forEach(id -> unit.sources().put(id, device));
            return new Joined(device, bound, fresh);
        } catch (RuntimeException | LinkageError e) {
            release(device, unit, binding, context);
            throw e;
        }
    }

    private static Optional<DomainType> demand(CoreDevice device, Binding binding, CoreDeviceContext context) {
        var demand = binding.ops().defDomainType(context);
        boolean allowed = demand.isEmpty() || switch (demand.get()) {
            case DMA, IDENTITY -> true;
            case DMA_FQ -> binding.ops().capable(context, Capability.DEFERRED_FLUSH);
            default -> false;
        };
        if (!allowed) {
            throw IommuException.of(Errno.EINVAL, "The driver demands %s as default type of %s; it may demand DMA, identity, or "
                    + "DMA-FQ if it can defer invalidation", demand.get().word(), device.name());
        }
        return demand;
    }

    private static Object checked(Object group, CoreDevice device) {
        if (group instanceof GroupReferences references && references == references.group().references()) {
            return group;
        }
        throw IommuException.of(Errno.EINVAL, "The driver gave no group for %s that is alive", device.name());
    }

    private void join(CoreDevice device, CoreUnit unit, GroupReferences references) {
        var group = references.group();
        var old = device.coreGroup();
        if (old.isPresent()) {
            if (old.get() != group) {
                LOG.warn("{} stays in group {}; the new driver would have it in group {}", device.name(), old.get().id(), group.id());
            }
            references.release(); // as a member it has one
            old.get().reportMissing(old.get().references());
            return;
        }
        if (group.unit() != unit) {
            references.release();
            throw IommuException.of(Errno.EINVAL, "%s is behind unit %s, but must share group %d with devices of unit %s",
                    device.name(), unit.name(), group.id(), group.unit().name());
        }
        group.locked(() -> group.add(device));
        device.join(group);
        group.reportMissing(references);
    }

    // ---- step 3: domains, under the group's mutex

    private void settle(CoreGroup group, List<Joined> joined) {
        var binding = joined.get(0).bound().binding();
        try {
            if (group.ownDomain().isEmpty()) {
                defaults.setUp(group, binding, joined.get(0).bound().context());
                joined.forEach(one -> one.device().become(Device.State.READY, null));
                return;
            }
        } catch (RuntimeException | LinkageError e) {
            joined.forEach(one -> giveUp(one, e));
            return;
        }
        joined.forEach(one -> attach(group, one));
        if (joined.stream().anyMatch(one -> !one.fresh())) {
            group.pasids().replay(binding, joined.get(0).bound().context()).forEach(problem ->
                    joined.forEach(one -> one.device().become(one.device().state(), problem)));
        }
    }

    /** Attaches a device to what its group is attached to: one that joins, or one that was a member under another driver. */
    private void attach(CoreGroup group, Joined one) {
        try {
            var own = group.ownDomain().orElseThrow();
            requireTrust(one.device(), own);
            group.requireUnblocked(one.device(), group.domain());
            DomainParts.ensure(own, one.bound().binding(), one.bound().context());
            DefaultDomains.mapDirectRegions(one.device(), own);
            DomainParts.ensure(group.domain(), one.bound().binding(), one.bound().context());
            group.domain().admitMember(group, one.device().reservedRegions());
            if (!one.device().inReset()) {
                Attachment.attach(one.device(), one.bound(), group.domain().requirePart());
            }
            one.device().become(Device.State.READY, null);
        } catch (RuntimeException | LinkageError e) {
            if (one.fresh()) {
                giveUp(one, e);
            } else {
                var why = DriverErrors.of(e, "Attaching it again");
                Attachment.block(group, one.device(), one.bound(), why);
                one.device().become(Device.State.FAILED, null);
            }
        }
    }

    private static void requireTrust(CoreDevice device, CoreDomain own) {
        if (device.busDevice().untrusted() && own.type() == DomainType.IDENTITY) {
            throw IommuException.of(Errno.EINVAL, "%s is not trusted and cannot join a group whose default domain is identity",
                    device.name());
        }
    }

    /** The first attach failed: the device goes without. */
    private void giveUp(Joined one, Throwable e) {
        release(one.device(), one.bound().unit(), one.bound().binding(), one.bound().context());
        failed(one.device(), DriverErrors.of(e, "Attaching " + one.device().name()));
    }

    private void failed(CoreDevice device, IommuException e) {
        switch (e.errno()) {
            case EPROBE_DEFER -> deferral.defer(device, e.getMessage());
            case ENODEV -> device.become(Device.State.NO_IOMMU, e.getMessage());
            default -> {
                device.become(Device.State.FAILED, e.getMessage());
                LOG.error("{}: {}", device.name(), e.getMessage());
            }
        }
    }

    // ---- step 4

    private static void finish(Joined one) {
        try {
            one.bound().binding().ops().probeFinalize(one.bound().context());
        } catch (RuntimeException | LinkageError e) {
            one.bound().unit().log("finishing the probe of " + one.device().name(), e);
        }
    }

    // ---- the way back

    /** The device was removed from its bus, or its unit is gone: it leaves its group and its driver. */
    void release(CoreDevice device) {
        lock.assertHeld();
        device.driverSlot().evict();
        var bound = device.bound();
        if (bound.isPresent()) {
            release(device, bound.get().unit(), bound.get().binding(), bound.get().context());
        } else {
            leaveGroup(device);
        }
        device.coreUnit().ifPresent(unit -> unit.deviceMap().remove(device.name(), device));
    }

    private static void removeSources(CoreDevice device, CoreUnit unit) {
        device.sources().forEach(id -> unit.sources().remove(id, device, unit.deviceMap().values()));
    }

    private void release(CoreDevice device, CoreUnit unit, Binding binding, CoreDeviceContext context) {
        Runnable release = () -> {
            device.bound().ifPresent(bound -> bound.endRequests(PageResponse.INVALID));
            try {
                binding.ops().releaseDevice(context);
            } catch (RuntimeException | LinkageError e) {
                unit.log("releasing " + device.name(), e);
            }
            device.letGo();
        };
        device.coreGroup().ifPresentOrElse(group -> group.locked(release), release);
        context.drop();
        removeSources(device, unit);
        leaveGroup(device);
    }

    private static void leaveGroup(CoreDevice device) {
        var group = device.coreGroup();
        if (group.isEmpty()) {
            return;
        }
        group.get().locked(() -> {
            group.get().remove(device);
            group.get().domain().refresh();
        });
        device.leave();
        group.get().references().release();
    }

    /**
     * The driver leaves: it forgets the device, which stays in its group. Where hardware goes on translating the driver is not asked
     * to, because that would block the device, and who waits for a page is told to ask once more, which will reach the next driver.
     *
     * @return whether the driver did what it was asked: otherwise the device may go on with DMA until the driver has left
     */
    boolean unbind(CoreDevice device, Binding binding, LeavePolicy policy) {
        if (device.bound().isEmpty()) {
            return true;
        }
        var bound = device.bound().get();
        bound.endRequests(policy == LeavePolicy.KEEP ? PageResponse.SUCCESS : PageResponse.INVALID);
        boolean done = policy == LeavePolicy.KEEP || release(device, bound);
        removeSources(device, bound.unit());
        device.letGo();
        return done;
    }

    private static boolean release(CoreDevice device, CoreDevice.Bound bound) {
        try {
            bound.binding().ops().releaseDevice(bound.context());
            return true;
        } catch (RuntimeException | LinkageError e) {
            bound.unit().log("releasing " + device.name(), e);
            return false;
        }
    }

    /** Rebuilds every domain that no group brought back, so that it can be mapped even though nothing is attached. */
    void rebuildIdleDomains(CoreUnit unit) {
        var anchor = unit.deviceMap().values().stream().flatMap(device -> device.bound().stream()).findFirst();
        for (var domain : registry.domains().of(unit)) {
            if (domain.part().isEmpty() && domain.use() != CoreDomain.Use.STATIC && anchor.isPresent()) {
                try {
                    DomainParts.ensure(domain, anchor.get().binding(), anchor.get().context());
                } catch (RuntimeException | LinkageError e) {
                    unit.log("rebuilding domain " + domain.name(), e);
                }
            }
        }
    }
}
