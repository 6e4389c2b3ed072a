package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.fake.FakeMachine;
import sluicegate.core.impl.fake.FakeUnit;

/**
 * Eight threads do anything that can be done, for as many seconds as the system property {@code sluicegate.soak.seconds} says.
 * Every now and then all stop, and what must hold is looked at. The seed is printed; the order of threads is not repeatable.
 */
class SoakTest {
    private static final int THREADS = 8;
    private static final int BURST = 200;
    private static final int DEVICES = 26;
    private static final int SECONDS = Integer.getInteger("sluicegate.soak.seconds", 3);
    private static final long SEED = Long.getLong("sluicegate.soak.seed", System.nanoTime());
    /** What callers may be told when somebody else was there first. */
    private static final Set<Errno> EXPECTED = Set.of(Errno.ENODEV, Errno.EBUSY, Errno.EINVAL, Errno.EPERM, Errno.EEXIST, Errno.ENOENT,
            Errno.EPROBE_DEFER, Errno.EOPNOTSUPP, Errno.EADDRINUSE);

    private final IommuCore core = new IommuCore();
    private final FakeMachine machine = new FakeMachine("m");
    private final List<FakeUnit> units = List.of(machine.unit("dmar0"), machine.unit("dmar1"), machine.unit("dmar2"));
    private final FakeDriver first = new FakeDriver("first");
    private final FakeDriver second = new FakeDriver("second");
    /** Drives another kind of unit on the same buses. */
    private final FakeDriver other = new FakeDriver("other");
    private final List<FakeDriver> drivers = List.of(first, second, other);
    private final List<DriverEntry> entries = new ArrayList<>();
    private final List<BusDevice> present = new ArrayList<>();
    private final ConcurrentLinkedQueue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    @AfterEach
    void nothingIsLeft() {
        core.close();
        for (var driver : drivers) {
            assertThat(driver.violations).isEmpty();
            assertThat(driver.domainsAlive).as("domains that the driver was not asked to free").hasValue(0);
            assertThat(driver.bound).isEmpty();
        }
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void whateverIsDoneWhatMustHoldHolds() throws Exception {
        System.out.printf("Soak of %d s, -Dsluicegate.soak.seed=%d%n", SECONDS, SEED);
        units.get(2).compatible = "other,iommu";
        for (var driver : drivers) {
            driver.maxPasids = 8;
            driver.onProbeDevice = device -> {
                if (ThreadLocalRandom.current().nextInt(32) == 0) {
                    throw new IommuException(Errno.ENODEV, "not mine");
                }
            };
        }
        units.forEach(core::addUnit);
        core.addBus(machine.bus);
        core.addBus(machine.platform);
        for (int i = 0; i < DEVICES; i += 2) {
            plug(i);
        }
        entries.add(first.entry(0));
        core.addDriver(entries.get(0));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        var over = new boolean[1];
        var pause = new CyclicBarrier(THREADS, () -> {
            check();
            over[0] = System.nanoTime() > end || !unexpected.isEmpty();
        });
        var tasks = new ArrayList<Callable<Void>>();
        for (int t = 0; t < THREADS; t++) {
            var random = new Random(SEED + t);
            tasks.add(() -> {
                while (!over[0]) {
                    for (int i = 0; i < BURST; i++) {
                        act(random);
                    }
                    pause.await();
                }
                return null;
            });
        }
        Together.run(tasks);
        System.out.printf("%d operations, %d of them refused%n", done.get(), refused.get());
        assertThat(unexpected).isEmpty();
        assertThat(done.get()).as("operations that were not refused").isGreaterThan(refused.get() / 4);
    }

    private void check() {
        try {
            Invariants.hold(core, first, second, other);
        } catch (Throwable e) {
            unexpected.add(e);
        }
    }

    private void act(Random random) {
        try {
            switch (random.nextInt(100)) {
                case 0 -> swapDriver(random);
                case 1 -> withdrawUnit(random);
                case 2, 3, 4 -> unplug(random);
                case 5, 6, 7 -> plug(random.nextInt(DEVICES));
                case 8, 9 -> core.setAbortUnbound(random.nextBoolean());
                default -> actOnDevice(random);
            }
            done.incrementAndGet();
        } catch (IommuException e) {
            refused.incrementAndGet();
            if (!EXPECTED.contains(e.errno())) {
                unexpected.add(e);
            }
        } catch (RuntimeException | Error e) {
            unexpected.add(e);
        }
    }

    private void swapDriver(Random random) {
        synchronized (entries) {
            if (entries.isEmpty() || random.nextInt(3) == 0 && entries.size() < 4) {
                var driver = drivers.get(random.nextInt(drivers.size()));
                var entry = driver.entry(random.nextInt(3), driver == other ? "other,iommu" : "fake,iommu");
                entries.add(entry);
                core.addDriver(entry);
            } else {
                core.removeDriver(entries.remove(random.nextInt(entries.size())));
            }
        }
    }

    private void withdrawUnit(Random random) {
        var unit = units.get(random.nextInt(units.size()));
        synchronized (unit) {
            core.removeUnit(unit);
            core.addUnit(unit);
        }
    }

    /** Devices 0 to 23: single functions with PASIDs, functions that share a slot, platform devices; others have no unit. */
    private void plug(int number) {
        synchronized (present) {
            if (number >= 24) {
                var address = String.format("00:1e.%d", number % 8);
                if (present.stream().noneMatch(device -> device.name().endsWith(address))) {
                    present.add(machine.bus.putUntranslated(address));
                }
                return;
            }
            var unit = units.get(number / 8);
            var name = switch (number % 8) {
                case 0, 1, 2 -> String.format("00:%02x.0", 1 + number);
                case 3, 4, 5 -> String.format("00:%02x.%d", 1 + number / 8, number % 8);
                default -> "dev" + number;
            };
            if (present.stream().anyMatch(device -> device.name().endsWith(name))) {
                return;
            }
            if (number % 8 >= 6) {
                present.add(machine.platform.platform(name, unit, 0x10000 + number));
                return;
            }
            var function = machine.bus.pci(name).pasids(number % 2 == 0 ? 4 : 0);
            present.add(machine.bus.put(number % 8 >= 3 ? function.multi() : function, unit));
        }
    }

    private void unplug(Random random) {
        synchronized (present) {
            if (!present.isEmpty()) {
                var device = present.remove(random.nextInt(present.size()));
                (machine.platform.devices().contains(device) ? machine.platform : machine.bus).remove(device);
            }
        }
    }

    private void actOnDevice(Random random) {
        var devices = core.devices();
        if (devices.isEmpty()) {
            return;
        }
        var device = devices.get(random.nextInt(devices.size()));
        switch (random.nextInt(14)) {
            case 0, 1, 2 -> useDomain(device, random);
            case 3 -> usePasid(device, 1 + random.nextInt(7));
            case 4 -> useGroup(device, random);
            case 5 -> {
                device.bind(new DeviceDriver("driver", random.nextInt(3) == 0));
            }
            case 6 -> device.unbind();
            case 7 -> own(device, random);
            case 8 -> reset(device);
            case 9 -> device.group().ifPresent(group -> group.setDefaultType(type(random)));
            case 10 -> lookUp(device);
            case 11 -> useDomainOfAnother(device, devices.get(random.nextInt(devices.size())));
            case 12 -> core.makeNoIommuGroup(device);
            default -> report(device, random);
        }
    }

    private static Optional<DomainType> type(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Optional.of(DomainType.IDENTITY);
            case 1 -> Optional.of(DomainType.DMA_FQ);
            case 2 -> Optional.of(DomainType.DMA);
            default -> Optional.empty();
        };
    }

    private void useDomain(Device device, Random random) {
        var domain = core.allocateDomain(device, Set.of());
        try {
            domain.map(0x10000, 0x50000, 0x1000L * (1 + random.nextInt(4)), Prot.READ | Prot.WRITE);
            domain.attach(device);
            try {
                domain.unmap(0x10000, 0x1000);
                domain.map(0x200000, 0x40000000L, 0x201000, Prot.READ);
                domain.iovaToPhys(0x200000);
            } finally {
                detach(domain, device);
            }
        } finally {
            close(domain);
        }
    }

    /** Which may be behind another unit, and that in the hands of a driver of another kind. */
    private void useDomainOfAnother(Device device, Device another) {
        var domain = core.allocateDomain(another, Set.of());
        try {
            domain.attach(device);
            detach(domain, device);
        } finally {
            close(domain);
        }
    }

    private void usePasid(Device device, int pasid) {
        var domain = core.allocateDomain(device, Set.of());
        try {
            domain.attach(device, pasid);
            try {
                domain.map(0x10000, 0x50000, 0x1000, Prot.READ);
            } finally {
                try {
                    domain.detach(device, pasid);
                } catch (IommuException e) {
                    gone(e);
                }
            }
        } finally {
            close(domain);
        }
    }

    private void useGroup(Device device, Random random) {
        Group group = device.group().orElse(null);
        if (group == null) {
            return;
        }
        var domain = core.allocateDomain(device, Set.of());
        try {
            group.attach(domain);
            domain.map(0x10000, 0x50000, 0x1000, Prot.READ);
        } finally {
            if (group.domain() == domain) {
                group.detach();
            }
            close(domain);
        }
    }

    /** A device that left took its attachment along. */
    private static void detach(Domain domain, Device device) {
        try {
            domain.detach(device);
        } catch (IommuException e) {
            gone(e);
        }
    }

    private static void gone(IommuException e) {
        assertThat(e.errno()).isIn(Errno.ENODEV, Errno.EINVAL);
    }

    private static void close(Domain domain) {
        try {
            domain.close();
        } catch (IommuException e) {
            // Attached still, as another member joined and one alone cannot be detached: let the whole group go.
            domain.attached().stream().flatMap(member -> member.group().stream()).distinct().forEach(group -> {
                if (group.domain() == domain) {
                    group.detach();
                }
            });
            domain.close();
        }
    }

    private static void own(Device device, Random random) {
        var group = device.group();
        if (group.isPresent()) {
            var owner = "owner" + random.nextInt(2);
            group.get().claim(owner);
            group.get().release(owner);
        }
    }

    private static void reset(Device device) {
        device.prepareReset();
        device.resetDone();
    }

    private void lookUp(Device device) {
        device.capable(Capability.CACHE_COHERENCY);
        device.domain().ifPresent(Domain::attached);
        device.reservedRegions();
        core.groups().forEach(group -> assertThat(group.devices()).isNotNull());
        device.translate(Pasid.NONE, 0x10000, false);
    }

    private void report(Device device, Random random) {
        var unit = device.unit();
        if (unit.isPresent()) {
            for (var driver : drivers) {
                var ops = driver.bound.get(unit.get().name());
                if (ops != null) {
                    driver.faults(ops, new FaultRecord(random.nextInt(0x200), Pasid.NONE, 0x1000, Access.READ, 6, "F", "as the soak says"));
                }
            }
        }
    }
}
