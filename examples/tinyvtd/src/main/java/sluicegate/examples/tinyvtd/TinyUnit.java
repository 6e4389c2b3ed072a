package sluicegate.examples.tinyvtd;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.GroupFactory;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.DecodedField;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.WalkStep;
import sluicegate.spec.Layout;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.SecondStageEntry;
import sluicegate.spec.vtd.TranslationType;

/** One unit in the hands of this driver: what the core asks of it. */
final class TinyUnit implements IommuOps {
    /** Writes there are interrupts (section 3.14). */
    private static final ReservedRegion INTERRUPTS =
            new ReservedRegion(0xfee0_0000L, 0x10_0000, Prot.WRITE | Prot.NOEXEC | Prot.MMIO, ReservedRegion.Type.MSI);
    private static final int LEVELS = 4;

    private final IommuUnit unit;
    private final Hardware hardware;
    private final ContextTables contexts;
    private final Faults faults;
    private final DriverDomain blocked = new TinyDomain(this, DomainType.BLOCKED, 0, 0);
    private final Optional<DriverDomain> identity;
    private final Set<PagingDomain> domains = new HashSet<>();
    private final BitSet ids = new BitSet();
    /** How many devices have a source id: behind a bridge several share one. */
    private final Map<Integer, Integer> users = new HashMap<>();

    private TinyUnit(IommuUnit unit, Hardware hardware, ContextTables contexts, Faults faults) {
        this.unit = unit;
        this.hardware = hardware;
        this.contexts = contexts;
        this.faults = faults;
        ids.set(0); // hardware with caching mode uses it for what is not present (section 6.1)
        long passing = ContextEntry.P.mask() | ContextEntry.TT.set(0, TranslationType.PASS_THROUGH.code());
        identity = hardware.passesThrough() ? Optional.of(new TinyDomain(this, DomainType.IDENTITY, passing,
                ContextEntry.DID.set(ContextEntry.AW.set(0, hardware.largestWidth().code()), newId()))) : Optional.empty();
    }

    /**
     * Takes a unit. One that translates already, with a root table that refuses everybody, goes on doing that until it is told of the new
     * one; that page is given back then, with all that it leads to if it was left translating.
     */
    static TinyUnit start(ProbeContext context) {
        var unit = context.unit();
        var hardware = new Hardware(context.unitName(), unit.registers());
        var contexts = new ContextTables(hardware, unit.memory(), unit.arena());
        var faults = new Faults(hardware, context.faults());
        try {
            long before = unit.registers().read64(RootTableAddressRegister.OFFSET);
            boolean translating = hardware.status(GlobalStatusRegister.TES);
            boolean legacy = RootTableAddressRegister.TTM.get(before) == RootTableAddressRegister.LEGACY_MODE;
            if (translating && !legacy && !isFence(unit.memory(), RootTableAddressRegister.RTA.inPlace(before))) {
                throw IommuException.of(Errno.ENODEV, "%s: another driver left it translating, by tables of scalable mode that this one"
                        + " could not give back; let that driver take it, and swap without --keep", hardware.name());
            }
            if (hardware.status(GlobalStatusRegister.QIES)) {
                hardware.command(GlobalCommandRegister.QIE, false, GlobalStatusRegister.QIES, false);
            }
            if (translating && !legacy) {
                // Not every unit can change its mode in flight (section 11.4.5), and one that is off lets everything pass.
                context.withoutDma(() -> hardware.restart(contexts.root()));
            } else {
                hardware.useRootTable(contexts.root());
                hardware.forgetAll();
            }
            if (translating) {
                giveBack(unit, RootTableAddressRegister.RTA.inPlace(before));
            }
            faults.open(unit.interrupts());
            hardware.command(GlobalCommandRegister.TE, true, GlobalStatusRegister.TES, true);
            return new TinyUnit(unit, hardware, contexts, faults);
        } catch (RuntimeException e) {
            faults.close();
            if (!hardware.usesRootTable(contexts.root()) || !hardware.status(GlobalStatusRegister.TES)) {
                unit.arena().free(contexts.root(), MemoryArena.PAGE_SIZE);
            } // else it is the fence
            throw e;
        }
    }

    /** Whether a root table of whatever mode refuses everybody. */
    private static boolean isFence(PhysicalMemory memory, long root) {
        for (int at = 0; at < MemoryArena.PAGE_SIZE; at += Long.BYTES) {
            if (memory.get64(root + at) != 0) {
                return false;
            }
        }
        return true;
    }

    /** It may not be of the arena: firmware can have left the unit on. */
    private static void giveBack(IommuUnit unit, long root) {
        try {
            ContextTables.giveBack(unit.memory(), unit.arena(), root);
        } catch (IommuException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
        }
    }

    Hardware hardware() {
        return hardware;
    }

    private synchronized int newId() {
        int id = ids.nextClearBit(1);
        if (id >= hardware.domainIds()) {
            throw IommuException.of(Errno.ENOSPC, "%s: all %d domain ids are in use", hardware.name(), hardware.domainIds());
        }
        ids.set(id);
        return id;
    }

    // ---- devices

    @Override
    public boolean capable(DeviceContext device, Capability capability) {
        return capability == Capability.CACHE_COHERENCY || capability == Capability.DEFERRED_FLUSH;
    }

    @Override
    public void ofXlate(DeviceContext device, List<Integer> specifier) {
        if (specifier.size() != 1 || specifier.get(0) >>> 16 != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: %s of %s is no requester id", hardware.name(), specifier, device.name());
        }
        device.addId(specifier.get(0));
    }

    @Override
    public synchronized void probeDevice(DeviceContext device) {
        if (device.ids().isEmpty()) {
            throw IommuException.of(Errno.ENODEV, "%s: firmware gives no requester id for %s", hardware.name(), device.name());
        }
        device.ids().forEach(id -> users.merge(id, 1, Integer::sum));
    }

    @Override
    public synchronized void releaseDevice(DeviceContext device) {
        for (int id : device.ids()) {
            if (users.merge(id, -1, Integer::sum) == 0) {
                users.remove(id);
                contexts.set(id, 0, 0);
            }
        }
    }

    @Override
    public DeviceGroup deviceGroup(DeviceContext device, GroupFactory groups) {
        return device.device() instanceof PciFunction ? groups.pciDeviceGroup(device) : groups.genericDeviceGroup(device);
    }

    @Override
    public List<ReservedRegion> reservedRegions(DeviceContext device) {
        return Stream.concat(Stream.of(INTERRUPTS), unit.firmwareRegions().stream()
                .filter(region -> region.devices().contains(device.device().name())).map(region -> region.region())).toList();
    }

    @Override
    public Optional<DomainType> defDomainType(DeviceContext device) {
        return identity.isPresent() ? Optional.empty() : Optional.of(DomainType.DMA);
    }

    // ---- domains

    @Override
    public Optional<DriverDomain> identityDomain() {
        return identity;
    }

    @Override
    public DriverDomain blockedDomain() {
        return blocked;
    }

    @Override
    public DriverDomain domainAllocPaging(DeviceContext device, Set<AllocFlag> flags) {
        if (!flags.isEmpty()) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: this driver knows no domains with %s", hardware.name(), flags);
        }
        var tables = new SecondStage(unit.memory(), unit.arena());
        try {
            var domain = new PagingDomain(this, newId(), tables);
            synchronized (this) {
                domains.add(domain);
            }
            return domain;
        } catch (IommuException e) {
            tables.free();
            throw e;
        }
    }

    synchronized void forget(PagingDomain domain) {
        domains.remove(domain);
        ids.clear(domain.id());
    }

    /** @throws IommuException EINVAL for a domain of another unit */
    void attach(DeviceContext device, TinyDomain domain, long low, long high) {
        if (domain.unit() != this) {
            throw IommuException.of(Errno.EINVAL, "%s: a domain of %s can't serve %s", hardware.name(),
                    domain.unit().hardware.name(), device.name());
        }
        device.ids().forEach(id -> contexts.set(id, low, high));
    }

    // ---- what people look at

    @Override
    public List<WalkStep> walk(DeviceContext device, int pasid, long iova) {
        var steps = new ArrayList<WalkStep>();
        int id = device.ids().get(0);
        long above = contexts.rootEntry(id >>> 8);
        long entry = contexts.find(id, false);
        steps.add(step("root entry", RootEntry.LAYOUT, above, entry == 0 ? "no device of its bus may do anything" : "context table"));
        if (entry == 0) {
            return steps;
        }
        long low = unit.memory().get64(entry);
        boolean translated = ContextEntry.P.isSet(low) && ContextEntry.TT.get(low) == TranslationType.UNTRANSLATED.code();
        steps.add(step("context entry", ContextEntry.LAYOUT, entry,
                translated ? "second-stage tables" : ContextEntry.P.isSet(low) ? "passes through" : "blocked"));
        long table = ContextEntry.SSPTPTR.inPlace(low);
        for (int level = LEVELS; translated && level > 0; level--) {
            long slot = SecondStage.slot(table, iova, level);
            long word = unit.memory().get64(slot);
            translated = word != 0;
            steps.add(step("level " + level, SecondStageEntry.layout(level, word), slot,
                    !translated ? "not mapped" : level == 1 ? "page" : "next table"));
            table = SecondStageEntry.ADDR.inPlace(word);
        }
        return steps;
    }

    private WalkStep step(String name, Layout layout, long address, String outcome) {
        var words = new ArrayList<Long>();
        for (int i = 0; i < layout.words(); i++) {
            words.add(unit.memory().get64(address + (long) i * Long.BYTES));
        }
        return new WalkStep(name, address, words, fields(layout, words.stream().mapToLong(Long::longValue).toArray()), outcome);
    }

    private static List<DecodedField> fields(Layout layout, long... words) {
        return layout.decode(words).stream()
                .map(value -> new DecodedField(value.field().name(), value.value(), value.field().meaning())).toList();
    }

    @Override
    public List<DecodedRegister> registers() {
        return Stream.of(CapabilityRegister.REGISTER, ExtendedCapabilityRegister.REGISTER, RootTableAddressRegister.REGISTER)
                .map(register -> {
                    long value = unit.registers().read64(register.offset());
                    return new DecodedRegister(register.name(), register.offset(), value, fields(register.layout(), value));
                }).toList();
    }

    /**
     * {@inheritDoc}
     *
     * <p>BLOCK leaves an empty root table behind: the fence, one page. KEEP leaves all tables that hardware uses, for a driver that takes
     * them over.
     */
    @Override
    public void leave(LeavePolicy policy) {
        faults.drain();
        faults.close();
        if (policy == LeavePolicy.BLOCK) {
            contexts.close();
            domains.forEach(PagingDomain::discard);
        } else {
            var used = contexts.pageTables().keySet();
            domains.stream().filter(domain -> !used.contains(domain.top())).forEach(PagingDomain::discard);
        }
        domains.clear();
    }
}
