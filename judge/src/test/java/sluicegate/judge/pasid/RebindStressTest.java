package sluicegate.judge.pasid;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.judge.pasid.Accelerators.FIRST;
import static sluicegate.judge.pasid.Accelerators.SECOND;
import static sluicegate.judge.pasid.Accelerators.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.PageRequestGroup;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.UnitSettings;

/**
 * The race that the thread of A2 is about: a request for one space sits in the hardware's queue while the PASID is taken from it and
 * given to another. A device asks all the time, under the PASID, with the number of the space that it has been told to use; the
 * handler of a space must never be asked for another's. The device is quiesced before the PASID is taken away, as its driver does:
 * it asks no more, but what it has asked for may be anywhere.
 *
 * <p>100,000 times, which takes seconds, or as many as there is time for on a machine that has none; {@code -Dsluicegate.rebinds=N}
 * says how many, however long that takes.
 */
@ParameterizedClass
@EnumSource
@Timeout(3600)
class RebindStressTest {
    private static final int PASID = 5;
    private static final int SPACES = 4;
    private static final long REBINDS = Long.getLong("sluicegate.rebinds", 100_000);
    private static final long SECONDS = System.getProperty("sluicegate.rebinds") == null ? 20 : TimeUnit.DAYS.toSeconds(1);

    private final PasidKind kind;
    private final Accelerators rig;
    private final AtomicInteger misdelivered = new AtomicInteger();
    private final AtomicLong served = new AtomicLong();

    RebindStressTest(PasidKind kind) {
        this.kind = kind;
        rig = new Accelerators(kind);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** The number of a space is in the address that the device asks for. */
    private Domain space(int number) {
        return rig.serving(group -> {
            served.incrementAndGet();
            if (group.requests().stream().anyMatch(request -> request.iova() >>> 32 != number)) {
                misdelivered.incrementAndGet();
            }
            answer(group, number);
        });
    }

    private static void answer(PageRequestGroup group, int number) {
        if (number % 2 == 0) {
            group.respond(PageResponse.SUCCESS);
        } // spaces with odd numbers never answer: the core does when it takes the PASID away
    }

    @Test
    void noSpaceIsEverAskedForWhatWasAskedOfAnother() throws InterruptedException {
        var spaces = IntStream.range(0, SPACES).mapToObj(this::space).toList();
        var devices = List.of(rig.device(FIRST), rig.device(SECOND));
        var failure = new AtomicReference<Throwable>();
        var rebinds = new AtomicLong();
        var threads = devices.stream().map(device -> new Thread(() -> {
            try {
                rebinds.addAndGet(rebind(device, spaces));
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        })).toList();
        threads.forEach(Thread::start);
        for (var thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(misdelivered).hasValue(0);
        assertThat(served.get()).as("requests that reached a handler").isPositive();
        for (var device : devices) {
            await(() -> rig.engine(device).pageRequests().outstanding() == 0);
            rig.allAnsweredOnce(device);
        }
        System.out.printf("%s: %d rebinds, %d requests served, %s%n", kind, rebinds.get(), served.get(),
                devices.stream().map(device -> rig.engine(device).pageRequests().toString()).toList());
    }

    /**
     * The same while the unit's driver is taken away and another one comes, and while another device floods the queue, is stopped and
     * is reset: whatever a drain meets, it ends, and nobody is asked for what was another's.
     */
    @Test
    void notEvenWhileDriversChangeAndTheQueueOverflows() throws InterruptedException {
        var spaces = IntStream.range(0, SPACES).mapToObj(this::space).toList();
        var device = rig.device(FIRST);
        var rogue = rig.device(SECOND);
        spaces.get(1).attach(rogue, PASID);
        var over = new AtomicBoolean();
        var failure = new AtomicReference<Throwable>();
        var rebinds = new AtomicLong();
        var threads = List.of(
                thread(failure, () -> {
                    for (int round = 0; !over.get(); round++) {
                        rebindOnce(device, spaces.get(round % SPACES), round % SPACES, round);
                        rebinds.incrementAndGet();
                    }
                }),
                thread(failure, () -> {
                    for (int number = 0; !over.get(); number++) {
                        askIfAllowed(rogue, 1L << 32 | number % 1024 * 4096L, number);
                        if (rogue.pageRequests().stopped()) {
                            rogue.prepareReset();
                            rogue.resetDone();
                        }
                    }
                }));
        var unit = device.unit().orElseThrow();
        rig.core.setUnitSettings(unit.name(), Optional.of(new UnitSettings(LeavePolicy.BLOCK, Duration.ofSeconds(20), false)));
        threads.forEach(Thread::start);
        int changes = 0;
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2); System.nanoTime() < end && failure.get() == null; changes++) {
            long before = rebinds.get();
            await(() -> rebinds.get() > before + 20 || failure.get() != null);
            boolean keep = rig.driver.driver().adopts() && changes % 2 == 0;
            unit.swap(rig.driver.name(), keep ? LeavePolicy.KEEP : LeavePolicy.BLOCK);
        }
        over.set(true);
        for (var thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(misdelivered).hasValue(0);
        assertThat(changes).isPositive();
        spaces.get(1).detach(rogue, PASID);
        for (var each : List.of(device, rogue)) {
            await(() -> each.pageRequests().outstanding() == 0);
            assertThat(rig.engine(each).pageRequests().unexpected()).as("answers that nobody waited for").isZero();
        }
        await(() -> rig.engine(device).pageRequests().outstanding() == 0);
        System.out.printf("%s: %d rebinds over %d changes of drivers%n", kind, rebinds.get(), changes);
    }

    /** The same while devices are taken out with requests on their way, and put back under another space. */
    @Test
    void notEvenWhenDevicesAreTakenOutAndPutBack() {
        var spaces = IntStream.range(0, SPACES).mapToObj(this::space).toList();
        int removals = 0;
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2); System.nanoTime() < end; removals++) {
            int number = removals % SPACES;
            for (var name : List.of(FIRST, SECOND)) {
                var device = rig.device(name);
                spaces.get(number).attach(device, PASID);
                for (int i = 0; i < 3; i++) {
                    rig.ask(device, PASID, (long) number << 32 | i * 4096L, (removals * 3 + i) % 512);
                }
            }
            rig.machine.buses().forEach(rig.core::removeBus);
            rig.machine.buses().forEach(rig.core::addBus);
            assertThat(rig.core.awaitProbed(rig.machine, Duration.ofSeconds(20))).isTrue();
        }
        assertThat(misdelivered).hasValue(0);
        assertThat(served.get()).as("requests that reached a handler").isPositive();
        for (var name : List.of(FIRST, SECOND)) {
            await(() -> rig.engine(rig.device(name)).pageRequests().outstanding() == 0);
            assertThat(rig.engine(rig.device(name)).pageRequests().unexpected()).as("answers that nobody waited for").isZero();
        }
        System.out.printf("%s: %d removals, %d requests served%n", kind, removals, served.get());
    }

    private static Thread thread(AtomicReference<Throwable> failure, Runnable work) {
        return new Thread(() -> {
            try {
                work.run();
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        });
    }

    private void rebindOnce(Device device, Domain space, int number, int round) {
        var attachment = space.attach(device, PASID);
        for (int i = 0; i < 3; i++) {
            askIfAllowed(device, (long) number << 32 | i * 4096L, round * 3 + i);
        }
        attachment.detach();
    }

    /** Between two drivers a device may neither ask nor send PASIDs. */
    private void askIfAllowed(Device device, long iova, int group) {
        try {
            rig.ask(device, PASID, iova, group % 512);
        } catch (IommuException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
            Thread.yield();
        }
    }

    /** Returns how often. */
    private long rebind(Device device, List<Domain> spaces) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        long done = 0;
        int group = 0;
        while (done < REBINDS / 2 && System.nanoTime() < end) {
            int number = (int) (done % spaces.size());
            var attachment = spaces.get(number).attach(device, PASID);
            for (int i = 0; i < 3; i++) {
                rig.ask(device, PASID, (long) number << 32 | i * 4096L, group++ % 512);
            }
            attachment.detach();
            done++;
        }
        return done;
    }
}
