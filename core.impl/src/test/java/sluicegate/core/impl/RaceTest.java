package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.fake.FakeDriver;

/** What must hold whatever races. */
class RaceTest extends CoreFixture {

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
        Together.run(tasks);

        assertThat(unexpected).isEmpty();
        Invariants.hold(core);
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
