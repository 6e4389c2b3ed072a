package sluicegate.core.impl;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Device;
import sluicegate.api.Iommu.DriverInfo;
import sluicegate.api.Unit;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Access;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;

/**
 * A unit: the platform's part, the driver that is bound to it if there is one, the devices behind it. Changed under the probe
 * lock; read without any.
 */
final class CoreUnit implements Unit {
    private static final Logger LOG = LoggerFactory.getLogger(CoreUnit.class);

    private final String name;
    private final IommuUnit platform;
    private final Function<DriverEntry, DriverInfo> describe;
    private final Supplier<UnitSettings> settings;
    private final UnitSwap swap;
    private final BindingGate gate = new BindingGate();
    private final Handover handover;
    private final Fence fence = new Fence();
    private final SourceTable sources = new SourceTable();
    private final ConcurrentMap<String, CoreDevice> devices = new ConcurrentSkipListMap<>();
    /** Drivers that tried to take the unit and could not. */
    private final Set<DriverEntry> failed = ConcurrentHashMap.newKeySet();
    private volatile State state = State.WAITING;
    private volatile String problem;
    /** Whether a driver has left it translating, and nobody has touched that since. */
    private volatile boolean translating;
    /** Whether nothing behind it sends meanwhile, because there was something to tell and nobody to tell it; under the fence's monitor. */
    private volatile boolean silent;
    private volatile CoreDomain identity;
    private volatile CoreDomain blocked;
    private volatile CoreGroup single;

    /** Gives a unit to the driver of that name. */
    @FunctionalInterface
    interface UnitSwap {
        void swap(CoreUnit unit, String driver, LeavePolicy policy);
    }

    CoreUnit(String name, IommuUnit platform, Function<DriverEntry, DriverInfo> describe, Function<String, UnitSettings> settings,
            UnitSwap swap) {
        this.name = name;
        this.platform = platform;
        this.describe = describe;
        this.settings = () -> settings.apply(name);
        this.swap = swap;
        this.handover = new Handover(name);
    }

    IommuUnit platform() {
        return platform;
    }

    Optional<Binding> binding() {
        return gate.binding();
    }

    BindingGate gate() {
        return gate;
    }

    UnitSettings settings() {
        return settings.get();
    }

    Handover handover() {
        return handover;
    }

    Fence fence() {
        return fence;
    }

    /** Whether tables that an earlier driver left translate, until the next one has taken over all of them. */
    boolean translating() {
        return translating;
    }

    /** Under the probe lock. If it stops because nothing is known of its tables any more, the fence has to be there before. */
    void setTranslating(boolean kept) {
        synchronized (fence) {
            translating = kept;
            silent = false;
        }
    }

    /**
     * The next driver has taken over; under the probe lock.
     *
     * @param forget has hardware forget what it was not told to forget while it was silent
     */
    void endTranslating(Runnable forget) {
        while (true) {
            synchronized (fence) {
                if (!silent) {
                    translating = false;
                    fence.lower();
                    return;
                }
                silent = false;
            }
            forget.run();
        }
    }

    /** @throws IommuException ENODEV if hardware translates by what was left, so that it can't be told to stop for a device */
    void requireTold() {
        if (translating) {
            throw noDriver();
        }
    }

    /**
     * Has hardware told of something that must not be used any more. While it translates and nobody can tell it, this waits for the next
     * driver. If that does not come in time, functions behind the unit are kept from sending until one has taken over, and has made
     * hardware forget everything; so there is nothing to tell. To be called with no lock held that the core takes.
     *
     * @param change says false, having done nothing, while the unit is {@link #translating}
     * @return whether {@code change} was made; if not, nothing behind the unit sends
     * @throws IommuException EBUSY if something behind the unit can't be kept from sending; what {@code change} throws
     */
    boolean tell(BooleanSupplier change) {
        while (true) {
            long seen = handover.seen();
            if (change.getAsBoolean()) {
                return true;
            }
            if (silent || !awaitNext(seen) && silence()) {
                return false;
            }
        }
    }

    private boolean awaitNext(long seen) {
        try {
            return handover.await(seen);
        } catch (IommuException noDriverInTime) {
            return false;
        }
    }

    /** Nothing behind the unit sends from now on, if hardware still translates without a driver. Returns whether that is so. */
    boolean silence() {
        synchronized (fence) {
            if (translating && !silent) {
                LOG.warn("{}: functions behind it are kept from sending until the next driver comes: an address space that they share has "
                        + "changed, and nobody can tell the hardware", name);
                Silence.begin(this);
                silent = true;
            }
            return translating;
        }
    }

    /**
     * Does something that needs the driver. If that is just being replaced, it waits for the next one and tries again: what fails
     * with ENODEV has done nothing.
     */
    <R> R withDriver(Supplier<R> operation) {
        while (true) {
            long seen = handover.seen();
            try {
                return operation.get();
            } catch (IommuException e) {
                awaitDriver(seen, e);
            }
        }
    }

    void doWithDriver(Runnable operation) {
        withDriver(() -> {
            operation.run();
            return null;
        });
    }

    /**
     * Returns when it is worth to try again.
     *
     * @param seen what {@link Handover#seen} said before
     * @throws IommuException {@code e} if that has nothing to do with the driver being replaced
     */
    void awaitDriver(long seen, IommuException e) {
        if (e.errno() != Errno.ENODEV || !handover.await(seen)) {
            throw e;
        }
    }

    SourceTable sources() {
        return sources;
    }

    Set<DriverEntry> failedDrivers() {
        return failed;
    }

    ConcurrentMap<String, CoreDevice> deviceMap() {
        return devices;
    }

    void become(State newState, String newProblem) {
        state = newState;
        problem = newProblem;
    }

    /** What a caller is told who needs the driver. */
    IommuException noDriver() {
        return IommuException.of(Errno.ENODEV, state == State.GONE
                ? "Unit %s is gone: its machine is off"
                : "Unit %s has no driver; start a bundle that drives %s", name, platform.compatible());
    }

    void log(String doing, Throwable e) {
        LOG.error("{}: {} failed", name, doing, e);
    }

    // ---- its static domains; under the probe lock

    void setStaticDomains(CoreDomain newIdentity, CoreDomain newBlocked) {
        identity = newIdentity;
        blocked = newBlocked;
    }

    boolean hasStaticDomains() {
        return blocked != null;
    }

    CoreDomain identity() {
        return identity;
    }

    CoreDomain blocked() {
        return blocked;
    }

    /** The group of all devices of the unit, if its driver asked for one. */
    Optional<CoreGroup> single() {
        return Optional.ofNullable(single);
    }

    void setSingle(CoreGroup group) {
        single = group;
    }

    // ---- the handle

    @Override
    public String name() {
        return name;
    }

    @Override
    public String compatible() {
        return platform.compatible();
    }

    @Override
    public String machine() {
        return platform.machine().name();
    }

    @Override
    public long baseAddress() {
        return platform.baseAddress();
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public Optional<DriverInfo> driver() {
        return binding().map(Binding::driver).map(describe);
    }

    @Override
    public LeavePolicy leavePolicy() {
        return settings().leavePolicy();
    }

    @Override
    public void swap(String driver, LeavePolicy policy) {
        swap.swap(this, driver, policy);
    }

    @Override
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    @Override
    public List<Device> devices() {
        return List.copyOf(devices.values());
    }

    @Override
    public List<DecodedRegister> registers() {
        return withDriver(() -> gate.call(binding -> binding.ask("Reading registers of " + name, IommuOps::registers))
                .orElseThrow(this::noDriver));
    }

    @Override
    public Translation translate(int requesterId, int pasid, long iova, boolean write) {
        if (pasid != Pasid.NONE && (pasid < 0 || pasid > Pasid.MAX)) {
            throw IommuException.of(Errno.EINVAL, "Requester id 0x%x with PASID %s: PASIDs have 20 bits", requesterId,
                    Pasid.toString(pasid));
        }
        if (state == State.GONE) {
            throw noDriver();
        }
        if (platform instanceof TranslationProbe hardware) {
            return hardware.probe(requesterId, pasid, iova, write ? Access.WRITE : Access.READ);
        }
        return sources.find(requesterId).map(device -> device.translate(pasid, iova, write))
                .orElseThrow(() -> IommuException.of(Errno.EOPNOTSUPP, "Requester id %04x belongs to no device, and the hardware "
                        + "of unit %s can't be asked about others", requesterId, name));
    }

    @Override
    public String toString() {
        return name;
    }
}
