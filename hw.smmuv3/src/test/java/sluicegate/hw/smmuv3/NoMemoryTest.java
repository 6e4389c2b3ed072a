package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.smmuv3.Rig.RW;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Each allocation that the driver makes fails once: an error of that operation, nothing leaks, nothing passes. */
class NoMemoryTest {
    private static final int NIC = 0x10;

    /** Fails one allocation. */
    private static final class Scarce implements MemoryArena {
        private final MemoryArena real;
        private int left;

        Scarce(MemoryArena real, int left) {
            this.real = real;
            this.left = left;
        }

        @Override
        public long allocate(long size) {
            if (left-- == 0) {
                throw new IommuException(Errno.ENOMEM, "as the test says");
            }
            return real.allocate(size);
        }

        @Override
        public void free(long address, long size) {
            real.free(address, size);
        }

        @Override
        public long allocatedBytes() {
            return real.allocatedBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void whateverAllocationFails(String kind) {
        int failures = 0;
        for (int n = 0; n < 100; n++) {
            try (var rig = Rig.of(kind)) {
                int which = n;
                rig.arena(real -> new Scarce(real, which));
                var unit = start(rig);
                if (unit.isEmpty()) {
                    failures++;
                    assertThat(rig.arena().allocatedBytes()).as("allocation %d of the start", n).isZero();
                } else if (live(rig, unit.get(), kind.equals("full"))) {
                    assertThat(failures).isEqualTo(n);
                    return;
                } else {
                    failures++;
                }
                assertThat(rig.read(NIC, 0x7_0000)).as("after allocation %d", n).isNegative();
            }
        }
        throw new AssertionError("no end of allocations");
    }

    private static Optional<Smmuv3Unit> start(Rig rig) {
        try {
            return Optional.of(rig.start());
        } catch (IommuException e) {
            assertThat(e.errno()).isEqualTo(Errno.ENOMEM);
            return Optional.empty();
        }
    }

    /** Whether nothing failed. */
    private static boolean live(Rig rig, Smmuv3Unit unit, boolean substreams) {
        boolean done = false;
        try {
            var nic = Rig.probed(unit, TestDevice.rich("nic", 12), NIC);
            var domain = Rig.domain(unit, nic);
            var other = Rig.domain(unit, nic);
            long mapped = domain.mapPages(0x1000, 0x20_0000, 4096, 2, RW);
            if (mapped != 0x2000) {
                domain.unmapPages(0x1000, 4096, mapped / 4096, new sluicegate.api.driver.IotlbGather());
                throw new IommuException(Errno.ENOMEM, "mapped in part");
            }
            Rig.attach(domain, nic);
            assertThat(rig.read(NIC, 0x2000)).isEqualTo(0x20_1000);
            Rig.attach(other, nic);
            if (substreams) {
                domain.setDevPasid(nic, 4000, Optional.empty());
                assertThat(rig.read(NIC, 4000, 0x1000)).isEqualTo(0x20_0000);
            }
            done = true;
        } catch (IommuException e) {
            assertThat(e.errno()).as(e.getMessage()).isEqualTo(Errno.ENOMEM);
        }
        unit.leave(LeavePolicy.BLOCK);
        assertThat(rig.arena().allocatedBytes()).as("the fence, and nothing else").isEqualTo(4096);
        return done;
    }
}
