package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.GroupFactory;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.PlatformDevice;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.WalkStep;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** One unit with this driver bound to it: its operations. Made by {@link UnitStart}. */
final class Smmuv3Unit implements IommuOps {
    private static final Logger LOG = LoggerFactory.getLogger(Smmuv3Unit.class);

    private final String name;
    private final IommuUnit unit;
    private final Smmuv3Capabilities capabilities;
    private final Smmuv3Window window;
    private final StreamTable streams;
    private final Invalidator invalidator;
    private final Reports reports;
    private final StreamEntries entries;
    private final Ids asids;
    private final Ids vmids;
    private final BlockedDomain blocked;
    private final IdentityDomain identity;
    private final Set<PagingDomain> domains = new HashSet<>();
    /** By stream: who sends requests with it; bridges make several share one. */
    private final Map<Integer, List<Master>> masters = new HashMap<>();
    /** As long as hardware may use tables of an earlier driver. */
    private Optional<Takeover> takeover;
    /** Devices that have gone while the hardware did not answer: it may still know their context descriptors. */
    private final Set<Master> gone = new HashSet<>();

    Smmuv3Unit(IommuUnit unit, Smmuv3Capabilities capabilities, Smmuv3Window window, StreamTable streams, Invalidator invalidator,
            Reports reports, Optional<Takeover> takeover) {
        this.name = window.unit();
        this.unit = unit;
        this.capabilities = capabilities;
        this.window = window;
        this.streams = streams;
        this.invalidator = invalidator;
        this.reports = reports;
        this.entries = capabilities.streamEntries();
        this.asids = new Ids(name, "ASID", capabilities.asidBits());
        this.vmids = new Ids(name, "VMID", capabilities.vmidBits());
        this.blocked = new BlockedDomain(this);
        this.identity = new IdentityDomain(this);
        reports.serve(this::isServed, this::answersWithPasid);
        this.takeover = takeover;
        takeover.ifPresent(present -> present.begin(asids, vmids));
    }

    String name() {
        return name;
    }

    Smmuv3Capabilities capabilities() {
        return capabilities;
    }

    Invalidator invalidator() {
        return invalidator;
    }

    /** How many enhanced command queues threads are spread over; 0 if all use the command queue. */
    int enhancedQueues() {
        return invalidator.queues().enhancedCount();
    }

    StreamEntries entries() {
        return entries;
    }

    Ids asids() {
        return asids;
    }

    Ids vmids() {
        return vmids;
    }

    BlockedDomain blocked() {
        return blocked;
    }

    PhysicalMemory memory() {
        return unit.memory();
    }

    MemoryArena arena() {
        return unit.arena();
    }

    @Override
    public boolean capable(DeviceContext device, Capability capability) {
        return switch (capability) {
            case CACHE_COHERENCY -> capabilities.coherent();
            case NOEXEC, DEFERRED_FLUSH -> true;
            case DIRTY_TRACKING -> capabilities.dirtyTracking();
            case PCI_ATS_SUPPORTED -> device.driverData().filter(Master.class::isInstance).map(Master.class::cast)
                    .map(Master::hasAts).orElse(false);
            case ENFORCE_CACHE_COHERENCY, PRE_BOOT_PROTECTION -> false;
        };
    }

    /** One specifier is one stream id. */
    @Override
    public void ofXlate(DeviceContext device, List<Integer> specifier) {
        if (specifier.size() != 1) {
            throw IommuException.of(Errno.EINVAL, "%s: %s is no stream id of %s; firmware has to give one number", name, specifier,
                    device.name());
        }
        streams.check(specifier.get(0), device.name());
        device.addId(specifier.get(0));
    }

    @Override
    public void probeDevice(DeviceContext device) {
        if (device.ids().isEmpty()) {
            throw IommuException.of(Errno.ENODEV, "%s: firmware gives no stream id for %s", name, device.name());
        }
        // PCI functions never: waiting requests would stop the bus.
        boolean canStall = device.device() instanceof PlatformDevice platform
                && "yes".equals(platform.properties().get(PlatformDevice.CAN_STALL));
        synchronized (masters) {
            for (int sid : device.ids()) {
                streams.check(sid, device.name());
                checkAlone(device, sid);
            }
            for (int sid : device.ids()) {
                if (streams.ensure(sid)) {
                    invalidator.stream(sid, false);
                }
            }
            int first = device.ids().get(0);
            var master = new Master(this, device, canStall, takeover.isPresent(),
                    takeover.map(present -> present.substreams(streams.words(first))).orElse(Map.of()));
            for (int sid : device.ids()) {
                masters.computeIfAbsent(sid, each -> new ArrayList<>()).add(master);
            }
            device.setDriverData(master);
        }
    }

    /** PCI functions may share the stream of the bridge above them; they share their group then. Nobody else may. */
    private void checkAlone(DeviceContext device, int sid) {
        var others = masters.getOrDefault(sid, List.of());
        if (!others.isEmpty() && !(device.device() instanceof PciFunction)) {
            throw IommuException.of(Errno.EEXIST, "%s: firmware gives stream id %s to %s, but %s has it already; one of the two is "
                    + "described wrongly", name, Hex.of(Integer.toUnsignedLong(sid)), device.name(), others.get(0).name());
        }
    }

    @Override
    public void releaseDevice(DeviceContext device) {
        var master = master(device);
        try {
            synchronized (masters) {
                for (int sid : master.sids()) {
                    var sharing = masters.get(sid);
                    sharing.remove(master);
                    if (sharing.isEmpty()) {
                        masters.remove(sid);
                    }
                }
            }
            reports.forget(master.sids());
        } finally {
            master.release();
        }
    }

    /**
     * Writes the entries of a device's streams. One that others still use after the device was released becomes what it is to
     * be for them.
     */
    void writeStreams(Master master, long[] entry) {
        synchronized (masters) {
            RuntimeException failure = null;
            for (int sid : master.sids()) {
                var sharing = masters.getOrDefault(sid, List.of());
                boolean others = !sharing.isEmpty() && !sharing.contains(master);
                try {
                    boolean whole = streams.write(sid, others ? sharing.get(0).currentEntry() : entry, invalidator);
                    if (!whole && takeover.isPresent()) {
                        LOG.warn("{}: requests of {} were refused for a moment as it was taken over: its entry in the stream table "
                                + "({}) can't be replaced by a single store", name, master.name(), streams.form());
                    }
                } catch (RuntimeException e) {
                    if (failure == null) {
                        failure = e;
                    } else {
                        failure.addSuppressed(e);
                    }
                }
            }
            if (failure != null) {
                throw failure;
            }
        }
    }

    /** Whether the entry of one of these streams leads to context descriptors at {@code pointer}. */
    boolean leadsTo(int[] sids, long pointer) {
        synchronized (masters) {
            return Arrays.stream(sids).mapToLong(sid -> streams.words(sid)[0]).anyMatch(word ->
                    StreamTableEntry.CONFIG.get(word) == StreamTableEntry.CONFIG_S1
                            && StreamTableEntry.S1CONTEXTPTR.inPlace(word) == pointer);
        }
    }

    @Override
    public DeviceGroup deviceGroup(DeviceContext device, GroupFactory groups) {
        return device.device() instanceof PciFunction ? groups.pciDeviceGroup(device) : groups.genericDeviceGroup(device);
    }

    @Override
    public List<ReservedRegion> reservedRegions(DeviceContext device) {
        return ReservedRanges.of(unit, device);
    }

    @Override
    public int maxPasids() {
        int bits = ContextTable.maxBits(capabilities);
        return bits == 0 ? 0 : 1 << bits;
    }

    @Override
    public Optional<DriverDomain> identityDomain() {
        return Optional.of(identity);
    }

    @Override
    public DriverDomain blockedDomain() {
        return blocked;
    }

    /** Stage 1 where the unit has it, stage 2 for parents of nested domains and where it has nothing else. */
    @Override
    public DriverDomain domainAllocPaging(DeviceContext device, Set<AllocFlag> flags) {
        boolean parent = flags.contains(AllocFlag.NEST_PARENT);
        boolean stage1 = capabilities.stage1() && !parent;
        boolean dirty = flags.contains(AllocFlag.DIRTY_TRACKING);
        require(!parent || capabilities.nesting(), "nested translation needs both stages");
        require(!dirty || stage1 && capabilities.dirtyTracking(), "hardware keeps no dirty state for such a domain (HTTU)");
        require(!flags.contains(AllocFlag.PASID) || stage1 && maxPasids() > 0, "PASIDs need stage 1 and SubstreamIDs");
        require(!flags.contains(AllocFlag.FAULTS) || capabilities.stalls() || capabilities.pri(),
                "it neither stalls nor takes page requests");
        var domain = stage1 ? Stage1Domain.create(this, dirty) : Stage2Domain.create(this, parent);
        synchronized (domains) {
            domains.add(domain);
        }
        return domain;
    }

    /** Faults of other people's tables have to reach whoever serves them. */
    @Override
    public Set<SharedTables.Format> sharedFormats(DeviceContext device) {
        return Stage1Domain.canShare(capabilities) && maxPasids() > 0 && (capabilities.stalls() || capabilities.pri())
                ? Set.of(SharedTables.Format.ARM64_4K) : Set.of();
    }

    @Override
    public DriverDomain domainAllocSva(DeviceContext device, SharedTables tables) {
        require(sharedFormats(device).contains(tables.format()), "it can't walk tables of " + tables.format().word());
        var domain = Stage1Domain.shared(this, tables);
        synchronized (domains) {
            domains.add(domain);
        }
        return domain;
    }

    private void require(boolean condition, String why) {
        if (!condition) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: the unit can't give such a domain: %s", name, why);
        }
    }

    /** @param guestTables the first two words of the guest's stream table entry */
    @Override
    public DriverDomain domainAllocNested(DeviceContext device, DriverDomain parent, List<Long> guestTables) {
        if (!(parent instanceof Stage2Domain stage2) || stage2.unit() != this || !stage2.isParent()) {
            throw IommuException.of(Errno.EINVAL, "%s: a nested domain of %s needs a parent of this unit that was allocated as one",
                    name, device.name());
        }
        return new NestedDomain(stage2, guestTables);
    }

    void forget(PagingDomain domain) {
        synchronized (domains) {
            domains.remove(domain);
        }
    }

    void attach(DeviceContext device, Smmuv3Domain target) {
        var master = master(device, target);
        if (target == blocked) {
            master.block();
        } else {
            master.attach(target);
        }
        reports.resume();
    }

    void attachPasid(DeviceContext device, int pasid, Stage1Domain target) {
        master(device, target).attachPasid(pasid, target);
    }

    /** Returns when nothing that was asked for under the PASID is on its way any more; false if it is not that domain's. */
    boolean silencePasid(DeviceContext device, int pasid, Stage1Domain of) {
        try {
            return master(device).silencePasid(pasid, of);
        } finally {
            drainReports();
        }
    }

    /** Takes all that was reported until now; page requests go to whoever answers them. */
    void drainReports() {
        reports.drain();
    }

    /** Returns when nothing that was asked for under the PASID is on its way any more. */
    void blockPasid(DeviceContext device, int pasid) {
        try {
            master(device).blockPasid(pasid);
        } finally {
            drainReports();
        }
    }

    /** The streams of a device of this unit. @throws IommuException EINVAL if it is none */
    int[] streamsOf(DeviceContext device) {
        return master(device).sids();
    }

    private Master master(DeviceContext device, Smmuv3Domain target) {
        if (target.unit() != this) {
            throw IommuException.of(Errno.EINVAL, "%s: a domain of %s can't serve %s, which is behind another unit; allocate one "
                    + "for this device", name, target.unit().name, device.name());
        }
        return master(device);
    }

    private Master master(DeviceContext device) {
        if (device.driverData().orElse(null) instanceof Master master && master.unit() == this) {
            return master;
        }
        throw IommuException.of(Errno.EINVAL, "%s: %s is not a device of this unit%s; probe it first", name, device.name(),
                device.ids().isEmpty() ? "" : " (stream id " + Hex.of(Integer.toUnsignedLong(device.ids().get(0))) + ")");
    }

    private boolean isServed(int sid) {
        synchronized (masters) {
            return masters.containsKey(sid);
        }
    }

    @Override
    public int pageRequestLimit(DeviceContext device) {
        return master(device).pageRequestLimit();
    }

    @Override
    public void allowPageRequests(DeviceContext device, boolean allowed) {
        master(device).allowPageRequests(allowed);
    }

    /** Page requests and stalls are taken out by whoever comes first; this waits for who came before. */
    @Override
    public void drainPageRequests(DeviceContext device, int pasid) {
        reports.drain();
    }

    @Override
    public void pageResponse(DeviceContext device, PageRequest request, PageResponse response) {
        reports.respond(request, response);
    }

    /**
     * Functions behind one bridge share a stream; the answer is for all of them. Who has gone is answered as it asked ({@code
     * arm_smmu_handle_ppr}).
     */
    private boolean answersWithPasid(int sid) {
        synchronized (masters) {
            var there = masters.getOrDefault(sid, List.of());
            return there.isEmpty() || there.stream().anyMatch(Master::answersWithPasid);
        }
    }

    @Override
    public List<WalkStep> walk(DeviceContext device, int pasid, long iova) {
        if (device.ids().isEmpty()) {
            throw IommuException.of(Errno.EINVAL, "%s: %s has no stream id, so nothing can be walked", name, device.name());
        }
        return new TableWalk(capabilities, window, unit.memory()).walk(device.ids().get(0), pasid, iova);
    }

    @Override
    public List<DecodedRegister> registers() {
        return Decoding.registers(capabilities, window);
    }

    @Override
    public void adopted() {
        if (takeover.isEmpty()) {
            return;
        }
        allMasters().forEach(Master::endTakeover);
        synchronized (masters) {
            streams.abortAllBut(masters::containsKey);
        }
        invalidator.everything(capabilities.hypervisor());
        endTakeover().connect(reports);
    }

    private Takeover endTakeover() {
        var ended = takeover.orElseThrow();
        ended.end(streams, invalidator, reports, asids, vmids);
        takeover = Optional.empty();
        return ended;
    }

    /**
     * {@inheritDoc}
     *
     * <p>BLOCK leaves translation on with a stream table in which every stream aborts, so that all go on faulting with nobody
     * behind the unit. Its first level is the fence: the one allocation that stays in the arena, and the next driver goes on with
     * it. KEEP leaves stream table, context descriptors and those page tables that a device uses, and the queues in which events and
     * page requests wait for the next driver until they are full; devices keep ATS, PASIDs and page requests. In both cases the
     * command queues are emptied, and what does not stay is switched off and given back.
     *
     * @throws IommuException ETIMEDOUT or EINVAL if the hardware does not forget; its memory is not given back then
     */
    @Override
    public void leave(LeavePolicy policy) {
        boolean block = policy == LeavePolicy.BLOCK;
        if (!block) {
            adopted();
        }
        if (block) {
            // While there is somebody who takes what they still ask for.
            allMasters().forEach(Master::stopPageRequests);
        }
        reports.silence(!block);
        if (block) {
            allMasters().forEach(Master::silence);
            var tables = streams.detachAll();
            invalidator.everything(capabilities.hypervisor());
            streams.free(tables);
            if (takeover.isPresent()) {
                endTakeover();
            }
            allMasters().forEach(Master::freeContexts);
        } else {
            streams.tidy(invalidator);
            allMasters().forEach(Master::tidyContexts);
        }
        synchronized (domains) {
            for (var domain : domains) {
                // Without a device, no entry leads to it: nobody would ever find it again.
                if (block || !domain.isUsed()) {
                    domain.discard();
                }
            }
            domains.clear();
        }
        if (block) {
            reports.stop();
        }
        invalidator.queues().stop();
    }

    void keepUntilLeft(Master master) {
        synchronized (masters) {
            gone.add(master);
        }
    }

    private Set<Master> allMasters() {
        synchronized (masters) {
            var all = new HashSet<>(gone);
            masters.values().forEach(all::addAll);
            return all;
        }
    }
}
