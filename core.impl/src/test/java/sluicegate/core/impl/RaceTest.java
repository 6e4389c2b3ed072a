package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.fake.FakeUnit;

/** What must hold whatever races. */
class RaceTest extends CoreFixture {

    private static void together(List<Callable<Void>> tasks) throws Exception {
        var pool = Executors.newFixedThreadPool(tasks.size());
        try {
            var start = new CyclicBarrier(tasks.size());
            var running = new ArrayList<Future<Void>>();
            for (var task : tasks) {
                running.add(pool.submit(() -> {
                    start.await();
                    return task.call();
                }));
            }
            for (var one : running) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** Scenario A4.1. */
    @Test
    void a4_1_devicesUnitsAndDriverArriveTogetherAndEachDeviceIsProbedOnce() throws Exception {
        for (int round = 0; round < 30; round++) {
            var core = new IommuCore();
            var driver = new FakeDriver("fake");
            var machine = new sluicegate.core.impl.fake.FakeMachine("m");
            var units = new ArrayList<FakeUnit>();
            for (int i = 0; i < 4; i++) {
                units.add(machine.unit("dmar" + i));
            }
            core.addBus(machine.bus);
            var tasks = new ArrayList<Callable<Void>>();
            for (int t = 0; t < 4; t++) {
                int bus = t;
                tasks.add(() -> {
                    for (int slot = 0; slot < 32; slot++) {
                        machine.bus.put(String.format("%02x:%02x.0", bus, slot), units.get((slot + bus) % 4));
                    }
                    return null;
                });
            }
            tasks.add(() -> {
                units.forEach(core::addUnit);
                return null;
            });
            tasks.add(() -> {
                core.addDriver(driver.entry(0));
                return null;
            });
            together(tasks);

            assertThat(core.devices()).hasSize(128).extracting(Device::state).containsOnly(Device.State.READY);
            assertThat(driver.probes).hasSize(128).allSatisfy((name, count) -> assertThat(count).hasValue(1));
            assertThat(driver.log.stream().filter(line -> line.startsWith("xlate"))).hasSize(128).doesNotHaveDuplicates();
            assertInvariants(core);
            core.close();
            assertThat(driver.violations).isEmpty();
        }
    }

    private static void assertInvariants(IommuCore core) {
        var seen = new HashSet<Device>();
        for (var group : core.groups()) {
            for (var member : group.devices()) {
                assertThat(seen.add(member)).as("%s is in one group", member).isTrue();
                assertThat(member.group()).contains(group);
            }
        }
        core.devices().forEach(device -> assertThat(device.group().isPresent()).isEqualTo(seen.contains(device)));
    }

    /** Everything at once: drivers swap, devices come and go, applications attach, map and look things up. */
    @Test
    void nothingBreaksWhileDriversAreSwappedUnderLoad() throws Exception {
        for (int i = 0; i < 4; i++) {
            machine.bus.put(String.format("00:%02x.0", i), dmar0);
        }
        boot();
        var other = new FakeDriver("other");
        var over = new AtomicBoolean();
        var unexpected = new ConcurrentLinkedQueue<Throwable>();
        var tasks = new ArrayList<Callable<Void>>();
        tasks.add(() -> {
            var present = entry;
            for (int i = 0; i < 200; i++) {
                var next = (i % 2 == 0 ? other : driver).entry(0);
                if (i % 3 == 0) {
                    core.addDriver(next);
                    core.removeDriver(present);
                } else {
                    core.removeDriver(present);
                    core.addDriver(next);
                }
                present = next;
            }
            over.set(true);
            return null;
        });
        tasks.add(() -> {
            while (!over.get()) {
                machine.bus.remove(machine.bus.put("00:1f.0", dmar0));
            }
            return null;
        });
        for (int t = 0; t < 3; t++) {
            int seed = t;
            tasks.add(() -> {
                var random = new Random(seed);
                while (!over.get()) {
                    try {
                        apply(random, String.format("00:%02x.0", seed));
                    } catch (IommuException e) {
                        if (e.errno() != Errno.ENODEV && e.errno() != Errno.EBUSY && e.errno() != Errno.EINVAL) {
                            unexpected.add(e);
                        }
                    }
                }
                return null;
            });
        }
        together(tasks);

        assertThat(unexpected).isEmpty();
        assertInvariants(core);
        assertThat(core.devices()).hasSize(4).extracting(Device::state).containsOnly(Device.State.READY);
        core.domains().stream().filter(domain -> domain.name().startsWith("dom")).forEach(domain -> domain.mappings()
                .forEach(m -> assertThat(domain.iovaToPhys(m.iova())).hasValue(m.address())));
        core.close();
        assertThat(other.violations).isEmpty();
        assertThat(other.domainsAlive).hasValue(0);
    }

    private void apply(Random random, String name) {
        var device = device(name);
        try (var domain = domainFor(name)) {
            domain.map(0x10000, 0x5000, 4 * K4, 3);
            domain.attach(device);
            try {
                device.translate(-1, 0x10000, false);
                device.walk(-1, 0x10000);
                domain.unmap(0x11000, K4);
                domain.map(0x80000, 0x90000, K4 * (1 + random.nextInt(4)), 1);
                core.groups().forEach(group -> group.domain().attached());
            } finally {
                domain.detach(device);
            }
        }
    }
}
