package sluicegate.core.impl.fake;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.GroupFactory;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.WalkStep;
import sluicegate.core.impl.DriverEntry;

/**
 * A driver without hardware: it keeps what devices are attached to and real maps, and complains ({@link #violations}) when
 * the core breaks the contract. A test scripts its failures through the public hooks.
 */
public final class FakeDriver implements IommuDriver {
    public final List<String> violations = new CopyOnWriteArrayList<>();
    public final Map<String, AtomicInteger> probes = new ConcurrentHashMap<>();
    public final List<String> log = new CopyOnWriteArrayList<>();
    /** The operations of units that are bound, by unit name. */
    public final Map<String, Ops> bound = new ConcurrentHashMap<>();
    public final AtomicInteger domainsAlive = new AtomicInteger();

    /**
     * Runs at each call of the core, with the operation's name; what it throws, the operation throws. Where the contract lets
     * nothing fail, the operation has done its work by then.
     */
    public volatile Consumer<String> onCall = operation -> { };
    public Consumer<ProbeContext> onProbe = context -> { };
    public Consumer<DeviceContext> onProbeDevice = device -> { };
    public BiConsumer<DeviceContext, FakeDomain> onAttach = (device, domain) -> { };
    public BiFunction<DeviceContext, GroupFactory, DeviceGroup> grouping = (device, groups) ->
            device.device() instanceof PciFunction ? groups.pciDeviceGroup(device) : groups.genericDeviceGroup(device);
    public Function<DeviceContext, List<ReservedRegion>> reserved = device -> List.of();
    public Function<DeviceContext, Optional<DomainType>> demand = device -> Optional.empty();
    public Set<Capability> capabilities = Set.of(Capability.CACHE_COHERENCY);
    /** What becomes of requests whose stream id no device has. */
    public DomainType unknownStreams = DomainType.BLOCKED;
    public boolean noBlockedDomain;
    public boolean adopts = true;
    public Optional<String> obstacle = Optional.empty();
    /** The type of what is given for nested domains; there are none if {@code null}. */
    public DomainType nested;
    public boolean passThrough = true;
    public int maxPasids;
    public long pageSizes = 0x40201000L;
    /** How many pages may be mapped before memory for tables runs out. */
    public final AtomicInteger pagesLeft = new AtomicInteger(Integer.MAX_VALUE);

    private final String name;

    public FakeDriver(String name) {
        this.name = name;
    }

    public DriverEntry entry(int ranking) {
        return entry(ranking, "fake,iommu");
    }

    public DriverEntry entry(int ranking, String... compatible) {
        return new DriverEntry(this, name, "bundle." + name, "1.0.0", ranking, System.identityHashCode(this), List.of(compatible));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean adopts() {
        return adopts;
    }

    @Override
    public Optional<String> obstacle(IommuUnit unit) {
        return obstacle;
    }

    @Override
    public IommuOps probe(ProbeContext context) {
        onCall.accept("probe");
        onProbe.accept(context);
        var ops = new Ops(context);
        if (bound.putIfAbsent(context.unitName(), ops) != null) {
            violations.add(context.unitName() + " probed twice");
        }
        log.add("probe " + context.unitName() + (context.held() ? " held" : ""));
        return ops;
    }

    /** To what a device is attached, in the hardware's view; empty if it is unknown. */
    public Optional<FakeDomain> attached(String device) {
        return bound.values().stream().flatMap(ops -> Optional.ofNullable(ops.attached.get(device)).stream()).findFirst();
    }

    /** The hardware of a binding reports a fault, which may be over by now. */
    public void faults(Ops ops, FaultRecord fault) {
        ops.context.faults().fault(fault);
    }

    public FaultSink faults(String unit) {
        return bound.get(unit).context.faults();
    }

    /** The driver's part of one unit. */
    public final class Ops implements IommuOps {
        final ProbeContext context;
        final Map<String, FakeDomain> attached = new ConcurrentHashMap<>();
        final Set<String> everAttached = ConcurrentHashMap.newKeySet();
        final Map<String, FakeDomain> pasids = new ConcurrentHashMap<>();
        final Map<String, DeviceContext> devices = new ConcurrentHashMap<>();
        private final FakeDomain identity = new FakeDomain(FakeDriver.this, this, DomainType.IDENTITY);
        private final FakeDomain blocked = new FakeDomain(FakeDriver.this, this, DomainType.BLOCKED);
        /** Page requests that hardware has taken. */
        private final Queue<PageRequest> hardwareQueue = new ConcurrentLinkedQueue<>();
        /** Last requests of groups that have no response yet, by identity of what was asked. */
        public final Queue<PageRequest> unanswered = new ConcurrentLinkedQueue<>();
        /** Responses in words: code, PASID, group. */
        public final List<String> responses = new CopyOnWriteArrayList<>();
        /** What happens at the moment a device gets a response. */
        public volatile Runnable onResponse = () -> { };
        /** How many of its domains were not freed. */
        final AtomicInteger domains = new AtomicInteger();
        private volatile boolean left;

        Ops(ProbeContext context) {
            this.context = context;
        }

        void enter(String doing) {
            check(doing);
            onCall.accept(doing);
        }

        void check(String doing) {
            if (left) {
                violations.add(doing + " after the driver left " + context.unitName());
            }
        }

        /** Moves a device although its attach fails: against the contract. */
        public void misplace(String device, FakeDomain domain) {
            attached.put(device, domain);
        }

        public Optional<FakeDomain> pasid(String device, int pasid) {
            return Optional.ofNullable(pasids.get(device + "/" + pasid));
        }

        /** Whose tables serve a request with {@code stream}: the type of the domain. */
        public DomainType ofStream(int stream) {
            return devices.values().stream().filter(device -> device.ids().contains(stream)).findFirst()
                    .map(device -> attached.get(device.name()).type()).orElse(unknownStreams);
        }

        public List<Integer> ids(String device) {
            return devices.get(device).ids();
        }

        @Override
        public boolean capable(DeviceContext device, Capability capability) {
            enter("capable");
            return capabilities.contains(capability);
        }

        @Override
        public void ofXlate(DeviceContext device, List<Integer> specifier) {
            enter("ofXlate");
            log.add("xlate " + device.name() + " " + specifier);
            specifier.forEach(device::addId);
        }

        @Override
        public void probeDevice(DeviceContext device) {
            enter("probeDevice");
            onProbeDevice.accept(device);
            probes.computeIfAbsent(device.name(), key -> new AtomicInteger()).incrementAndGet();
            if (devices.putIfAbsent(device.name(), device) != null) {
                violations.add(device.name() + " probed twice");
            }
            attached.put(device.name(), blocked);
            device.setDriverData(this);
        }

        @Override
        public void probeFinalize(DeviceContext device) {
            log.add("finalize " + device.name());
            enter("probeFinalize");
        }

        @Override
        public void releaseDevice(DeviceContext device) {
            check("releaseDevice");
            if (devices.remove(device.name()) != device) {
                violations.add(device.name() + " released but not probed");
            }
            attached.remove(device.name());
            everAttached.remove(device.name());
            pasids.keySet().removeIf(key -> key.startsWith(device.name() + "/"));
            log.add("release " + device.name());
            onCall.accept("releaseDevice");
        }

        @Override
        public DeviceGroup deviceGroup(DeviceContext device, GroupFactory groups) {
            enter("deviceGroup");
            return grouping.apply(device, groups);
        }

        @Override
        public List<ReservedRegion> reservedRegions(DeviceContext device) {
            enter("reservedRegions");
            return reserved.apply(device);
        }

        @Override
        public Optional<DomainType> defDomainType(DeviceContext device) {
            enter("defDomainType");
            return demand.apply(device);
        }

        @Override
        public int maxPasids() {
            enter("maxPasids");
            return maxPasids;
        }

        @Override
        public Optional<DriverDomain> identityDomain() {
            enter("identityDomain");
            return passThrough ? Optional.of(identity) : Optional.empty();
        }

        @Override
        public DriverDomain blockedDomain() {
            enter("blockedDomain");
            return noBlockedDomain ? null : blocked;
        }

        @Override
        public DriverDomain domainAllocPaging(DeviceContext device, Set<AllocFlag> flags) {
            enter("domainAllocPaging");
            domainsAlive.incrementAndGet();
            domains.incrementAndGet();
            return new FakeDomain(FakeDriver.this, this, DomainType.UNMANAGED, null, List.of(), flags.contains(AllocFlag.DIRTY_TRACKING));
        }

        @Override
        public DriverDomain domainAllocNested(DeviceContext device, DriverDomain parent, List<Long> guestTables) {
            enter("domainAllocNested");
            if (nested == null) {
                return IommuOps.super.domainAllocNested(device, parent, guestTables);
            }
            domainsAlive.incrementAndGet();
            domains.incrementAndGet();
            return new FakeDomain(FakeDriver.this, this, nested, (FakeDomain) parent, guestTables, false);
        }

        /** The device asks; nobody hears of it until {@link #interrupt} or the core drains. */
        public void ask(String device, int pasid, long iova, int group, boolean last) {
            hardwareQueue.add(new PageRequest(devices.get(device).ids().get(0), pasid, iova, Prot.READ, group, last));
        }

        /** Hands on what is in the queue. */
        public void interrupt() {
            synchronized (hardwareQueue) {
                PageRequest next;
                while ((next = hardwareQueue.poll()) != null) {
                    if (next.last()) {
                        unanswered.add(next);
                    }
                    context.faults().pageRequest(next);
                }
            }
        }

        @Override
        public void drainPageRequests(DeviceContext device, int pasid) {
            enter("drainPageRequests");
            log.add("drain " + device.name() + " " + Pasid.toString(pasid));
            interrupt();
        }

        @Override
        public void pageResponse(DeviceContext device, PageRequest request, PageResponse response) {
            enter("pageResponse");
            if (devices.get(device.name()) != device) {
                violations.add("a response for " + device.name() + ", which is not there");
            }
            if (!unanswered.remove(request)) {
                violations.add("a response that nobody waits for: " + request);
            }
            onResponse.run();
            responses.add(response + " " + Pasid.toString(request.pasid()) + "/" + request.group());
            log.add("respond " + request.pasid() + "/" + request.group());
        }

        @Override
        public List<WalkStep> walk(DeviceContext device, int pasid, long iova) {
            enter("walk");
            return new ArrayList<>();
        }

        @Override
        public List<DecodedRegister> registers() {
            enter("registers");
            return List.of(new DecodedRegister("VER", 0, 0x10, List.of()));
        }

        @Override
        public void adopted() {
            enter("adopted");
            log.add("adopted " + context.unitName());
        }

        @Override
        public void leave(LeavePolicy policy) {
            check("leave");
            if (!unanswered.isEmpty()) {
                violations.add("left while devices wait for " + unanswered);
            }
            if (policy == LeavePolicy.KEEP) {
                domainsAlive.addAndGet(-domains.get()); // the hardware's from now on
            } else if (!devices.isEmpty()) {
                violations.add("left while it had " + devices.keySet());
            }
            log.add("leave " + context.unitName() + " " + policy);
            left = true;
            bound.remove(context.unitName(), this);
            onCall.accept("leave");
        }
    }
}
