package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.hw.amdvi.Rig.RW;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.AmdviFlag;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.spec.amdvi.ControlRegister;

/** What a driver with guest tables for everything does otherwise, and how one follows the other. */
class PagingTablesTest {
    private static final int NIC = 0x0118;

    private static DriverDomain attached(AmdviUnit unit, TestDevice device, long iova, long page) {
        var domain = unit.domainAllocPaging(device, Set.of());
        Rig.map(domain, iova, page, 1, RW);
        domain.attachDev(device, Optional.empty());
        return domain;
    }

    @ParameterizedTest
    @EnumSource
    void whatAsksForNothingHasTheTablesThatWereChosen(PagingTables tables) {
        try (var rig = Rig.full().tables(tables)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            boolean guest = tables == PagingTables.GUEST;
            assertThat(attached(unit, nic, 0x1000, 0x20_0000)).isInstanceOf(guest ? GuestDomain.class : HostDomain.class);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(unit.walk(nic, Pasid.NONE, 0x1000)).anySatisfy(step ->
                    assertThat(step.entry()).contains(guest ? "guest table entry" : "host table entry"));
            assertThat(unit.domainAllocPaging(nic, Set.of(AllocFlag.PASID))).isInstanceOf(GuestDomain.class);
            assertThat(unit.domainAllocPaging(nic, Set.of(AllocFlag.DIRTY_TRACKING))).isInstanceOf(HostDomain.class);
            assertThat(unit.domainAllocPaging(nic, Set.of(AllocFlag.NEST_PARENT))).isInstanceOf(HostDomain.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, GTSup", "true, GIOSup"})
    void aUnitThatCannotTranslateEverythingByGuestTablesIsRefusedUntouched(boolean some, String why) {
        try (var rig = some ? Rig.with(AmdviFlag.INVALIDATE_ALL, AmdviFlag.GUEST_TRANSLATION) : Rig.minimal()) {
            assertThatExceptionOfType(IommuException.class).isThrownBy(rig.tables(PagingTables.GUEST)::start)
                    .matches(e -> e.errno() == Errno.ENODEV).withMessageContaining("rig:ivhd0").withMessageContaining(why + ", not set");
            assertThat(rig.arena().allocatedBytes()).isZero();
            assertThat(rig.registers().read64(ControlRegister.OFFSET)).isZero();
        }
    }

    /** One entry of its table of PASIDs is all that changes, where an entry of the device table would block in between. */
    @Test
    void aDeviceMovesFromOneGuestTableToTheNextWithoutARefusedRequest() {
        var moving = new AtomicBoolean();
        var looks = new AtomicInteger();
        try (var rig = Rig.full().tables(PagingTables.GUEST)) {
            rig.memory(real -> afterEach(real, () -> {
                if (moving.get()) {
                    assertThat(rig.read(NIC, 0x1000)).isIn(0x20_0000L, 0x30_0000L);
                    looks.incrementAndGet();
                }
            }));
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var old = attached(unit, nic, 0x1000, 0x20_0000);
            var next = unit.domainAllocPaging(nic, Set.of());
            Rig.map(next, 0x1000, 0x30_0000, 1, RW);
            moving.set(true);
            next.attachDev(nic, Optional.of(old));
            moving.set(false);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x30_0000);
            assertThat(looks).hasPositiveValue();
        }
    }

    /** More than one word of the device's entry differs, and yet every look at memory or registers finds its page. */
    @ParameterizedTest
    @CsvSource({"HOST, GUEST", "GUEST, HOST", "GUEST, GUEST"})
    void oneDriverTakesOverInPlaceFromTheOther(PagingTables before, PagingTables after) {
        var takingOver = new AtomicBoolean();
        try (var rig = Rig.full().tables(before)) {
            Runnable look = () -> {
                if (takingOver.get()) {
                    takingOver.set(false);
                    assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
                    assertThat(rig.read(0x0100, 0x2000)).isEqualTo(0x30_0000);
                    takingOver.set(true);
                }
            };
            rig.registers(real -> TakeoverTest.looking(real, look));
            var first = rig.start();
            devices(first);
            first.leave(LeavePolicy.KEEP);
            takingOver.set(true);
            var second = rig.held().tables(after).memory(real -> afterEach(real, look)).start();
            devices(second);
            second.adopted();
            takingOver.set(false);
            assertThat(rig.sink.faults).isEmpty();
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).as("the fence").isEqualTo(DeviceTable.BYTES);
        }
    }

    /** One alone, and two that a bridge gives one id. */
    private static void devices(AmdviUnit unit) {
        attached(unit, Rig.device(unit, "nic", NIC), 0x1000, 0x20_0000);
        var disk = Rig.device(unit, "disk", 0x0108, 0x0100);
        var tape = Rig.device(unit, "tape", 0x0110, 0x0100);
        attached(unit, disk, 0x2000, 0x30_0000).attachDev(tape, Optional.empty());
    }

    private static PhysicalMemory afterEach(PhysicalMemory real, Runnable look) {
        var memory = new WatchedMemory(real);
        memory.watch(address -> look.run());
        return memory;
    }
}
