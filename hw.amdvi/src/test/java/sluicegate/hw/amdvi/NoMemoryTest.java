package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.amdvi.Rig.RW;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.rig.ScarceArena;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.spec.amdvi.ControlRegister;

/** Each allocation that the driver makes fails once: an error of that operation, nothing leaks, nothing passes. */
class NoMemoryTest {
    private static final int NIC = 0x10;

    private static UnaryOperator<MemoryArena> failing(int which) {
        return real -> {
            var scarce = new ScarceArena(real);
            scarce.failAfter(which);
            return scarce;
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whateverAllocationFails(boolean full) {
        for (int n = 0; n < 100; n++) {
            try (var rig = full ? Rig.full() : Rig.minimal()) {
                rig.arena(failing(n));
                var unit = start(rig);
                if (unit.isEmpty()) {
                    assertThat(rig.arena().allocatedBytes()).as("allocation %d of the start", n).isZero();
                    assertThat(ControlRegister.IOMMUEN.isSet(rig.registers().read64(ControlRegister.OFFSET)))
                            .as("as it was found").isFalse();
                    continue;
                }
                if (live(rig, unit.get(), full)) {
                    assertThat(n).as("how many allocations there are").isGreaterThan(full ? 12 : 7);
                    return;
                }
                assertThat(rig.read(NIC, 0x7_0000)).as("after allocation %d", n).isNegative();
            }
        }
        throw new AssertionError("no end of allocations");
    }

    /** A unit that was left goes on where it is, however often the next driver fails to start. */
    @ParameterizedTest
    @EnumSource
    void aTakeOverThatFailsLosesNothing(LeavePolicy policy) {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var nic = Rig.probed(first, new TestDevice("nic").withTlb(12), NIC);
            var domain = Rig.host(first, nic);
            domain.attachDev(nic, Optional.empty());
            map(domain, 0x1000, 2);
            first.leave(policy);
            long left = rig.arena().allocatedBytes();
            int failed = 0;
            for (boolean started = false; !started; failed++) {
                rig.arena(failing(failed));
                var next = start(rig);
                started = next.isPresent();
                next.ifPresent(unit -> unit.leave(LeavePolicy.BLOCK));
                assertThat(rig.arena().allocatedBytes()).as("allocation %d of the start", failed).isLessThanOrEqualTo(left);
                assertThat(rig.read(NIC, 0x7_0000)).as("allocation %d of the start", failed).isNegative();
            }
            assertThat(failed).as("allocations of a start").isGreaterThan(5);
            assertThat(rig.arena().allocatedBytes()).as("the fence, and nothing else").isEqualTo(DeviceTable.BYTES);
        }
    }

    private static Optional<AmdviUnit> start(Rig rig) {
        try {
            return Optional.of(rig.start());
        } catch (IommuException e) {
            assertThat(e.errno()).isEqualTo(Errno.ENOMEM);
            return Optional.empty();
        }
    }

    /** Whether nothing failed. */
    private static boolean live(Rig rig, AmdviUnit unit, boolean pasids) {
        boolean done = false;
        try {
            var nic = Rig.probed(unit, new TestDevice("nic").withTlb(12), NIC);
            var domain = Rig.host(unit, nic);
            domain.attachDev(nic, Optional.empty());
            map(domain, 0x1000, 2);
            assertThat(rig.read(NIC, 0x2000)).isEqualTo(0x20_1000);
            map(domain, 1L << 44, 2);
            unit.identityDomain().orElseThrow().attachDev(nic, Optional.empty());
            // Identity does not fail for want of memory, but goes without PASIDs.
            boolean whole = !pasids || unit.deviceOf(nic).pasids().isPresent();
            if (pasids) {
                var guest = Rig.guest(unit, nic);
                guest.attachDev(nic, Optional.empty());
                map(guest, 0x1000, 2);
                guest.setDevPasid(nic, 4000, Optional.empty());
                assertThat(rig.read(NIC, 4000, 0x1000)).isEqualTo(0x20_0000);
            }
            done = whole;
        } catch (IommuException e) {
            assertThat(e.errno()).as(e.getMessage()).isEqualTo(Errno.ENOMEM);
        }
        unit.leave(LeavePolicy.BLOCK);
        assertThat(rig.arena().allocatedBytes()).as("the fence, and nothing else").isEqualTo(DeviceTable.BYTES);
        return done;
    }

    /** More than one page: a single one is tried twice. */
    private static void map(DriverDomain domain, long iova, long pages) {
        long mapped = domain.mapPages(iova, 0x20_0000, 4096, pages, RW);
        if (mapped != pages * 4096) {
            domain.unmapPages(iova, 4096, mapped / 4096, new IotlbGather());
            throw new IommuException(Errno.ENOMEM, "mapped in part");
        }
    }
}
