package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Domain;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.fake.FakeMachine;

/**
 * Every call that the core makes into a driver fails once, in every way in which a driver can fail, while a story runs that uses
 * all of the core. After each step what must hold holds, and in the end nothing is left behind.
 */
class FaultInjectionTest {

    /** How a driver fails. */
    enum Failure {
        AS_THE_CONTRACT_SAYS(operation -> new IommuException(Errno.ENOMEM, operation + " fails")),
        AGAIN_LATER(operation -> new IommuException(Errno.EPROBE_DEFER, operation + " cannot yet")),
        BY_A_BUG(operation -> new IllegalStateException(operation + " has a bug")),
        BY_A_BROKEN_BUNDLE(operation -> new NoClassDefFoundError(operation));

        private final Function<String, Throwable> make;

        Failure(Function<String, Throwable> make) {
            this.make = make;
        }
    }

    /** Counts calls of all drivers, and makes one of them fail. */
    private static final class Saboteur {
        private final AtomicInteger calls = new AtomicInteger();
        private final Map<String, Integer> operations = new ConcurrentSkipListMap<>(); // the flush timer calls too
        private final int victim;
        private final Failure failure;
        private String failed = "nothing";

        Saboteur(int victim, Failure failure) {
            this.victim = victim;
            this.failure = failure;
        }

        void call(String operation) {
            operations.merge(operation, 1, Integer::sum);
            if (calls.getAndIncrement() == victim) {
                failed = operation;
                Saboteur.<RuntimeException>sneak(failure.make.apply(operation));
            }
        }

        @SuppressWarnings("unchecked")
        private static <T extends Throwable> void sneak(Throwable e) throws T {
            throw (T) e;
        }
    }

    @Test
    void theStoryUsesEveryOperation() {
        var saboteur = new Saboteur(-1, Failure.BY_A_BUG);
        new Story(saboteur).run();
        assertThat(saboteur.operations).containsKeys("probe", "ofXlate", "probeDevice", "probeFinalize", "releaseDevice", "deviceGroup",
                "reservedRegions", "defDomainType", "maxPasids", "identityDomain", "blockedDomain", "domainAllocPaging", "leave",
                "attachDev", "attachDev blocked", "setDevPasid", "setDevPasid blocked", "mapPages", "unmapPages", "iotlbSyncMap",
                "iotlbSync", "iovaToPhys", "free", "capable", "walk", "registers", "domainAllocNested");
    }

    @ParameterizedTest
    @EnumSource
    void anyCallMayFail(Failure failure) {
        var all = new Saboteur(-1, failure);
        new Story(all).run();
        var broken = new ArrayList<String>();
        for (int victim = 0; victim < all.calls.get(); victim++) {
            var saboteur = new Saboteur(victim, failure);
            var story = new Story(saboteur);
            try {
                story.run();
            } catch (Throwable e) {
                broken.add("call " + victim + ", " + saboteur.failed + " in step '" + story.step + "': " + e);
            }
        }
        assertThat(broken).as("of %d calls", all.calls.get()).isEmpty();
    }

    /** Two units of two drivers, groups of several kinds, and everything that can be done with them. */
    private static final class Story {
        private final IommuCore core = new IommuCore();
        private final FakeMachine machine = new FakeMachine("m");
        private final FakeDriver driver = new FakeDriver("first");
        private final FakeDriver next = new FakeDriver("next");
        private final DriverEntry entry = driver.entry(0);
        private String step = "start";
        private Optional<Domain> domain = Optional.empty();
        private Optional<Domain> other = Optional.empty();
        private Optional<Domain> parent = Optional.empty();
        private Optional<Domain> nested = Optional.empty();

        Story(Saboteur saboteur) {
            for (var each : List.of(driver, next)) {
                each.onCall = saboteur::call;
                each.maxPasids = 8;
                each.nested = DomainType.NESTED;
                each.capabilities = Set.of(Capability.CACHE_COHERENCY, Capability.DEFERRED_FLUSH);
                each.reserved = device -> device.name().endsWith("09.0")
                        ? List.of(new ReservedRegion(0x7000, 0x2000, Prot.READ | Prot.WRITE, ReservedRegion.Type.DIRECT_RELAXABLE)) : List.of();
                each.demand = device -> device.name().endsWith("0a.0") ? Optional.of(DomainType.IDENTITY) : Optional.empty();
            }
        }

        void run() {
            var dmar0 = machine.unit("dmar0");
            var dmar1 = machine.unit("dmar1");
            machine.bus.put(machine.bus.pci("00:02.0").pasids(4), dmar0);
            machine.bus.put(machine.bus.pci("00:06.0").multi(), dmar0);
            machine.bus.put(machine.bus.pci("00:06.1").multi(), dmar0);
            machine.bus.put("00:09.0", dmar1);
            machine.bus.put("00:0a.0", dmar1);
            machine.platform.platform("2b400000.ethernet", dmar1, 7);
            step("units arrive", () -> {
                core.addUnit(dmar0);
                core.addUnit(dmar1);
            });
            step("the driver arrives", () -> core.addDriver(entry));
            step("devices arrive", () -> {
                core.addBus(machine.bus);
                core.addBus(machine.platform);
            });
            step("allocate", () -> domain = Optional.of(core.allocateDomain(core.device("00:02.0"), Set.of())));
            step("allocate another", () -> other = Optional.of(core.allocateDomain(core.device("00:06.0"), Set.of())));
            with(domain, "map", it -> it.map(0x10000, 0x50000, 0x4000, Prot.READ | Prot.WRITE));
            with(domain, "attach", it -> it.attach(core.device("00:02.0")));
            with(domain, "map large pages", it -> it.map(0x200000, 0x40000000L, 0x201000, Prot.READ));
            with(domain, "look up", it -> it.iovaToPhys(0x11000));
            with(domain, "unmap a part", it -> it.unmap(0x11000, 0x1000));
            with(domain, "map there again", it -> it.map(0x11000, 0x90000, 0x1000, Prot.WRITE));
            with(other, "attach a PASID", it -> it.attach(core.device("00:02.0"), 3));
            step("detach the PASID", this::detachPasid);
            step("detach it again if hardware failed", this::detachPasid);
            with(other, "attach a PASID again", it -> it.attach(core.device("00:02.0"), 4));
            step("reset", () -> {
                core.device("00:02.0").prepareReset();
                core.device("00:02.0").resetDone();
            });
            with(other, "attach a group", it -> groupOf("00:06.1").attach(it));
            step("detach it", () -> groupOf("00:06.1").detach());
            step("bind", () -> core.device("00:09.0").bind(DeviceDriver.named("nic")));
            step("unbind", () -> core.device("00:09.0").unbind());
            core.setAbortUnbound(true);
            step("bind once more", () -> core.device("00:09.0").bind(DeviceDriver.named("nic")));
            step("unbind to abort", () -> core.device("00:09.0").unbind());
            step("claim", () -> groupOf("2b400000.ethernet").claim("vm"));
            step("release", () -> groupOf("2b400000.ethernet").release("vm"));
            step("change the type", () -> groupOf("2b400000.ethernet").setDefaultType(Optional.of(DomainType.IDENTITY)));
            step("and back", () -> groupOf("2b400000.ethernet").setDefaultType(Optional.of(DomainType.DMA_FQ)));
            step("map lazily", () -> lazyDomain().map(0x10000, 0x50000, 0x4000, Prot.READ));
            step("unmap lazily", () -> lazyDomain().unmap(0x10000, 0x2000));
            step("map there before it is flushed", () -> lazyDomain().map(0x10000, 0x90000, 0x1000, Prot.READ));
            step("leave something unflushed", () -> lazyDomain().unmap(0x12000, 0x2000));
            step("allocate a parent",
                    () -> parent = Optional.of(core.allocateDomain(core.device("00:02.0"), Set.of(AllocFlag.NEST_PARENT))));
            with(parent, "nest", it -> nested = Optional.of(core.allocateNestedDomain(core.device("00:02.0"), it, List.of(1L))));
            step("ask", () -> {
                core.device("00:02.0").walk(Pasid.NONE, 0x10000);
                core.device("00:02.0").translate(Pasid.NONE, 0x10000, false);
                core.device("00:02.0").capable(Capability.CACHE_COHERENCY);
                core.unit("dmar0").registers();
            });
            var late = machine.bus.pci("00:06.2").multi();
            step("a member joins", () -> machine.bus.put(late, dmar0));
            step("a member leaves", () -> machine.bus.remove(late));
            step("the driver leaves", () -> core.removeDriver(entry));
            step("the next arrives", () -> core.addDriver(next.entry(0)));
            step("a unit is withdrawn", () -> core.removeUnit(dmar1));
            step("and comes back", () -> core.addUnit(dmar1));
            with(domain, "detach", it -> it.detach(core.device("00:02.0")));
            with(other, "detach the other PASID", it -> it.detach(core.device("00:02.0"), 4));
            with(domain, "free", Domain::close);
            with(nested, "free the nested one", Domain::close);
            with(parent, "free its parent", Domain::close);
            step("the end", core::close);
            assertThat(core.groups()).isEmpty();
            assertThat(core.domains()).isEmpty();
            for (var each : List.of(driver, next)) {
                assertThat(each.bound).as("units that %s still has", each.name()).isEmpty();
                assertThat(each.domainsAlive).as("domains that %s was not asked to free", each.name()).hasValue(0);
            }
        }

        private void detachPasid() {
            var device = (CoreDevice) core.device("00:02.0");
            if (device.coreGroup().flatMap(group -> group.pasids().holder(3)).isPresent()) {
                other.orElseThrow().detach(device, 3);
            }
        }

        private sluicegate.api.Group groupOf(String device) {
            return core.device(device).group().orElseThrow(() -> new IommuException(Errno.ENODEV, "no group, as probing failed"));
        }

        private Domain lazyDomain() {
            return groupOf("2b400000.ethernet").defaultDomain().orElseThrow();
        }

        private void with(Optional<Domain> what, String name, java.util.function.Consumer<Domain> change) {
            step(name, () -> what.ifPresent(change));
        }

        private void step(String name, Runnable change) {
            step = name;
            try {
                change.run();
            } catch (IommuException e) {
                // The failure, or what came of it: said as it should be.
            }
            Invariants.hold(core, driver, next);
        }
    }
}
