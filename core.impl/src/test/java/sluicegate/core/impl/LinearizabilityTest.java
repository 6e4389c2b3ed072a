package sluicegate.core.impl;

import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jetbrains.kotlinx.lincheck.LinChecker;
import org.jetbrains.kotlinx.lincheck.annotations.Operation;
import org.jetbrains.kotlinx.lincheck.annotations.Param;
import org.jetbrains.kotlinx.lincheck.annotations.Validate;
import org.jetbrains.kotlinx.lincheck.paramgen.IntGen;
import org.jetbrains.kotlinx.lincheck.strategy.managed.modelchecking.ModelCheckingOptions;
import org.jetbrains.kotlinx.lincheck.strategy.stress.StressOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Domain;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.fake.FakeMachine;
import sluicegate.core.impl.fake.FakePci;
import sluicegate.core.impl.fake.FakeUnit;

/**
 * Whatever threads do at once comes to the same as one of the orders in which they could have done it one after another. Lincheck
 * makes up the programs. Small parts are run in every interleaving that it can think of, the whole core under stress.
 *
 * <p>It looks into the fields of a subject that has just been made and stumbles over records, so subjects make theirs late.
 */
@Timeout(300)
class LinearizabilityTest {
    /** How often each program runs under stress; half as often where interleavings are chosen, not met. */
    private static final int INVOCATIONS = Integer.getInteger("sluicegate.lincheck.invocations", 400);

    private static void modelCheck(Class<?> subject) {
        LinChecker.check(subject, new ModelCheckingOptions().iterations(8).threads(3).actorsPerThread(2).actorsBefore(2)
                .actorsAfter(1).invocationsPerIteration(INVOCATIONS / 2).minimizeFailedScenario(false));
    }

    private static void stress(Class<?> subject) {
        LinChecker.check(subject, new StressOptions().iterations(12).threads(3).actorsPerThread(3).actorsBefore(2).actorsAfter(2)
                .invocationsPerIteration(INVOCATIONS).minimizeFailedScenario(false));
    }

    // ---- group life: numbers are the lowest that are free, and nobody finds a group that is gone

    @Param(name = "number", gen = IntGen.class, conf = "0:2")
    public static class GroupNumbers {
        private final GroupTable groups = new GroupTable();

        @Operation
        public int add() {
            return groups.add(id -> new NoIommuGroup(id, null)).id();
        }

        @Operation
        public boolean remove(@Param(name = "number") int id) {
            return groups.find(id).map(groups::remove).orElse(false);
        }

        @Operation
        public boolean find(@Param(name = "number") int id) {
            return groups.find(id).isPresent();
        }
    }

    @Test
    void groupNumbersAreTheLowestThatAreFree() {
        modelCheck(GroupNumbers.class);
    }

    // ---- group life: a device that no driver wanted gets a group without an IOMMU, or a driver, never both

    public static class NoIommuOrDriver {
        private final CoreDevice device = new CoreDevice("device", null, new UnboundPolicy());
        private final NoIommuGroups groups = new NoIommuGroups(new GroupTable());
        private final ReentrantLock probeLock = new ReentrantLock();
        private volatile boolean taken;

        public NoIommuOrDriver() {
            device.become(Device.State.NO_IOMMU, null);
        }

        /** Either may give way to the other, so that it counts only what came of it. */
        @Operation
        public void make() {
            outcome(() -> groups.make(device));
        }

        @Operation
        public void probe() {
            probeLock.lock();
            try {
                if (!taken && !DeviceProber.staysWithout(device)) {
                    taken = true;
                    device.become(Device.State.READY, null);
                }
            } finally {
                probeLock.unlock();
            }
        }

        @Validate
        public void notBoth() {
            if (taken && device.groupWithout().isPresent()) {
                throw new IllegalStateException("in the hands of a driver, and in a group without an IOMMU");
            }
        }
    }

    @Test
    void aDeviceIsInAGroupWithoutIommuOrInTheHandsOfADriver() {
        LinChecker.check(NoIommuOrDriver.class, new ModelCheckingOptions().iterations(5).threads(2).actorsPerThread(1).actorsBefore(0)
                .actorsAfter(0).invocationsPerIteration(INVOCATIONS).minimizeFailedScenario(false));
    }

    // ---- look-up of a device for a fault, while devices come and go

    @Param(name = "source", gen = IntGen.class, conf = "65535:65537")
    public static class Sources {
        private final SourceTable table = new SourceTable();
        private final ReentrantLock probeLock = new ReentrantLock();
        private final CoreDevice device = new CoreDevice("device", null, new UnboundPolicy());

        @Operation
        public void put(@Param(name = "source") int id) {
            probeLock.lock();
            try {
                table.put(id, device);
            } finally {
                probeLock.unlock();
            }
        }

        @Operation
        public void remove(@Param(name = "source") int id) {
            probeLock.lock();
            try {
                table.remove(id, device, Set.of());
            } finally {
                probeLock.unlock();
            }
        }

        @Operation
        public boolean find(@Param(name = "source") int id) {
            return table.find(id).isPresent();
        }
    }

    @Test
    void aDeviceIsFoundByItsSourceIdFromWhenItIsThereUntilItIsGone() {
        modelCheck(Sources.class);
    }

    // ---- a driver leaves: no call is under way when the gate has closed

    public static class Gate {
        private final BindingGate gate = new BindingGate();
        private final ReentrantLock probeLock = new ReentrantLock();
        private volatile Binding binding;
        private volatile boolean gone = true;

        @Operation
        public void arrive() {
            probeLock.lock();
            try {
                gone = false;
                if (binding == null) {
                    binding = new Binding(null, null, null, 0);
                }
                gate.open(binding);
            } finally {
                probeLock.unlock();
            }
        }

        @Operation
        public void leave() {
            probeLock.lock();
            try {
                gate.close();
                gone = true;
            } finally {
                probeLock.unlock();
            }
        }

        /** Whether a driver answered. */
        @Operation
        public boolean ask() {
            return gate.call(found -> answer()).orElse(false);
        }

        /** The same on the path that allocates nothing. */
        @Operation
        public boolean askQuickly() {
            var present = binding;
            if (present == null || !gate.enter(present)) {
                return false;
            }
            try {
                return answer();
            } finally {
                gate.exit();
            }
        }

        private boolean answer() {
            if (gone) {
                throw new IllegalStateException("called after it left");
            }
            return true;
        }
    }

    @Test
    void noDriverIsCalledAfterItHasLeft() {
        modelCheck(Gate.class);
    }

    // ---- registration and probing: device, unit and drivers come and go, a device's driver is bound

    public static class Probing {
        private final IommuCore core = new IommuCore();
        private final FakeMachine machine = new FakeMachine("m");
        private final FakeUnit unit = machine.unit("dmar0");
        private final FakeDriver driver = new FakeDriver("fake");
        private DriverEntry entry;
        private FakePci present;

        public Probing() {
            core.setDeferralBound(java.time.Duration.ZERO);
            core.addUnit(unit);
            core.addBus(machine.bus);
        }

        @Operation(blocking = true)
        public synchronized boolean plug() {
            boolean absent = present == null;
            if (absent) {
                present = machine.bus.put("00:02.0", unit);
            }
            return absent;
        }

        @Operation(blocking = true)
        public synchronized boolean unplug() {
            boolean there = present != null;
            if (there) {
                machine.bus.remove(present);
                present = null;
            }
            return there;
        }

        @Operation(blocking = true)
        public void driverArrives() {
            synchronized (driver) {
                if (entry == null) {
                    entry = driver.entry(0);
                    core.addDriver(entry);
                }
            }
        }

        @Operation(blocking = true)
        public void driverLeaves() {
            synchronized (driver) {
                if (entry != null) {
                    core.removeDriver(entry);
                    entry = null;
                }
            }
        }

        @Operation(blocking = true)
        public String bind() {
            return settled(() -> outcome(() -> core.device("0000:00:02.0").bind(DeviceDriver.named("nic"))));
        }

        @Operation(blocking = true)
        public String unbind() {
            return outcome(() -> core.device("0000:00:02.0").unbind());
        }

        @Operation(blocking = true)
        public String state() {
            return settled(() -> {
                try {
                    var state = core.device("0000:00:02.0").state();
                    return state == Device.State.GONE ? "ENODEV" : state.word();
                } catch (IommuException e) {
                    return e.errno().name();
                }
            });
        }

        /** A device is seen, and waits, before the driver that is there has probed it: {@link #plug} is not one step. */
        private String settled(Supplier<String> ask) {
            var answer = ask.get();
            while (List.of("deferred", "EPROBE_DEFER").contains(answer) && core.unit("dmar0").driver().isPresent()) {
                Thread.onSpinWait();
                answer = ask.get();
            }
            return answer;
        }
    }

    @Test
    void probingAndBindingComeInSomeOrder() {
        stress(Probing.class);
    }

    // ---- attach, detach, look-up

    @Param(name = "domain", gen = IntGen.class, conf = "0:1")
    public static class Attaching {
        private volatile Rig rig;

        private static final class Rig {
            final Device device;
            final Domain[] domains = new Domain[2];

            Rig() {
                var core = new IommuCore();
                var machine = new FakeMachine("m");
                core.addUnit(machine.unit("dmar0"));
                core.addDriver(new FakeDriver("fake").entry(0));
                machine.bus.put("00:02.0", machine.units.get(0));
                core.addBus(machine.bus);
                device = core.device("0000:00:02.0");
                for (int i = 0; i < domains.length; i++) {
                    domains[i] = core.allocateDomain(device, Set.of());
                }
            }
        }

        private Rig rig() {
            if (rig == null) {
                synchronized (this) {
                    if (rig == null) {
                        rig = new Rig();
                    }
                }
            }
            return rig;
        }

        @Operation(blocking = true)
        public String attach(@Param(name = "domain") int domain) {
            return outcome(() -> rig().domains[domain].attach(rig().device));
        }

        @Operation(blocking = true)
        public String detach(@Param(name = "domain") int domain) {
            return outcome(() -> rig().domains[domain].detach(rig().device));
        }

        @Operation(blocking = true)
        public String claim() {
            return outcome(() -> rig().device.group().orElseThrow().claim("vm"));
        }

        @Operation(blocking = true)
        public String release() {
            return outcome(() -> rig().device.group().orElseThrow().release("vm"));
        }

        /** Takes no lock, once there is something to look at. */
        @Operation(blocking = true)
        public String lookUp() {
            return rig().device.domain().orElseThrow().name();
        }
    }

    @Test
    void attachingAndDetachingComeInSomeOrderForThoseWhoLookToo() {
        stress(Attaching.class);
    }

    // ---- attach, replace, detach and look-up of PASIDs

    @Param(name = "domain", gen = IntGen.class, conf = "0:1")
    @Param(name = "pasid", gen = IntGen.class, conf = "1:2")
    public static class AttachingPasids {
        private volatile Rig rig;

        private static final class Rig {
            final Device device;
            final Domain[] domains = new Domain[2];

            Rig() {
                var core = new IommuCore();
                var machine = new FakeMachine("m");
                var driver = new FakeDriver("fake");
                driver.maxPasids = 8;
                core.addUnit(machine.unit("dmar0"));
                core.addDriver(driver.entry(0));
                machine.bus.put(machine.bus.pci("00:02.0").pasids(3), machine.units.get(0));
                core.addBus(machine.bus);
                device = core.device("0000:00:02.0");
                for (int i = 0; i < domains.length; i++) {
                    domains[i] = core.allocateDomain(device, Set.of());
                }
            }
        }

        private Rig rig() {
            if (rig == null) {
                synchronized (this) {
                    if (rig == null) {
                        rig = new Rig();
                    }
                }
            }
            return rig;
        }

        @Operation(blocking = true)
        public String attach(@Param(name = "domain") int domain, @Param(name = "pasid") int pasid) {
            return outcome(() -> rig().domains[domain].attach(rig().device, pasid));
        }

        @Operation(blocking = true)
        public String replace(@Param(name = "domain") int domain, @Param(name = "pasid") int pasid) {
            return outcome(() -> rig().domains[domain].replace(rig().device, pasid));
        }

        @Operation(blocking = true)
        public String detach(@Param(name = "domain") int domain, @Param(name = "pasid") int pasid) {
            return outcome(() -> rig().domains[domain].detach(rig().device, pasid));
        }

        /** Takes no lock, once there is something to look at. */
        @Operation(blocking = true)
        public String lookUp(@Param(name = "pasid") int pasid) {
            return rig().device.attachment(pasid).map(attachment -> attachment.domain().name()).orElse("none");
        }
    }

    @Test
    void attachingReplacingAndDetachingPasidsComeInSomeOrderForThoseWhoLookToo() {
        stress(AttachingPasids.class);
    }

    private static String outcome(Runnable call) {
        try {
            call.run();
            return "done";
        } catch (IommuException e) {
            return e.errno().name();
        }
    }
}
