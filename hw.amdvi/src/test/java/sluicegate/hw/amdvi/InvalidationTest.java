package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sluicegate.hw.amdvi.CommandBufferTest.assertErrno;
import static sluicegate.hw.amdvi.Rig.RW;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.firmware.AmdviFlag;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;

class InvalidationTest {
    private static final int NIC = 0x0118;

    private CommandTap tap;

    private Rig tapped(Rig rig) {
        return rig.registers(real -> tap = new CommandTap(real, rig.memory()));
    }

    private static DriverDomain attached(AmdviUnit unit, boolean guest) {
        var nic = Rig.device(unit, "nic", NIC);
        var domain = guest ? Rig.guest(unit, nic) : Rig.host(unit, nic);
        domain.attachDev(nic, Optional.empty());
        return domain;
    }

    /** The guard: after an unmap is complete, no DMA reaches the memory any more, however often it did before. */
    private static void assertUnmappedMemoryIsOutOfReach(Rig rig, DriverDomain domain) {
        Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
        assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
        Rig.unmap(domain, 0x1000, 1);
        assertThat(rig.read(NIC, 0x1000)).as("answer to a read after the unmap").isNegative();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unmappedMemoryIsOutOfReach(boolean guest) {
        try (var rig = Rig.full()) {
            assertUnmappedMemoryIsOutOfReach(rig, attached(rig.start(), guest));
        }
    }

    @Test
    void unmappedMemoryIsOutOfReachOfAMinimalUnit() {
        try (var rig = Rig.minimal()) {
            assertUnmappedMemoryIsOutOfReach(rig, attached(rig.start(), false));
        }
    }

    /**
     * The guard above is worth something: the same steps with invalidations that do nothing leave a translation that the
     * hardware really uses, and the guard sees it.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMissingInvalidationIsSeen(boolean guest) {
        try (var rig = tapped(Rig.full())) {
            var domain = attached(rig.start(), guest);
            tap.neutralisePageInvalidations();
            assertThatThrownBy(() -> assertUnmappedMemoryIsOutOfReach(rig, domain)).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("after the unmap");
            assertThat(domain.iovaToPhys(0x1000)).as("the page table").isEqualTo(-1);
            assertThat(rig.read(NIC, 0x1000)).as("the stale translation").isEqualTo(0x20_0000);
        }
    }

    /** A table goes with the last page in it, and its memory serves another one, in which other pages are. */
    private static void assertTablesThatHaveGoneAreForgotten(Rig rig, DriverDomain domain) {
        Rig.map(domain, 0x20_0000, 0x80_0000, 512, RW);
        assertThat(rig.read(NIC, 0x20_1000)).isEqualTo(0x80_1000);
        Rig.unmap(domain, 0x20_0000, 512);
        for (long iova = 0x40_0000; iova < 0x400_0000; iova += 0x20_0000) {
            Rig.map(domain, iova, 0x90_0000, 512, RW);
        }
        assertThat(rig.read(NIC, 0x20_1000)).as("answer to a read after the unmap").isNegative();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tablesThatHaveGoneAreForgotten(boolean guest) {
        try (var rig = Rig.full()) {
            assertTablesThatHaveGoneAreForgotten(rig, attached(rig.start(), guest));
        }
    }

    /** The guard is worth something: without PDE the hardware uses the memory of a table that has gone. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMissingInvalidationOfATableIsSeen(boolean guest) {
        try (var rig = tapped(Rig.full())) {
            var domain = attached(rig.start(), guest);
            tap.keepTables();
            assertThatThrownBy(() -> assertTablesThatHaveGoneAreForgotten(rig, domain)).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("after the unmap");
        }
    }

    @Test
    void anUnmapIsOneCommandForItsRangeAndOneCompletionWait() {
        try (var rig = tapped(Rig.full())) {
            var domain = attached(rig.start(), false);
            Rig.map(domain, 0x4_0000, 0x20_0000, 64, RW);
            tap.take();
            Rig.unmap(domain, 0x4_0000, 64);
            var commands = tap.take();
            assertThat(commands).extracting(ScriptedUnit.Command::code)
                    .containsExactly(CommandCode.INVALIDATE_IOMMU_PAGES, CommandCode.COMPLETION_WAIT);
            assertThat(commands.get(0).high()).as("64 pages, leaves only").isEqualTo(0x5_f001L);
            Rig.map(domain, 0x20_0000, 0x20_0000, 512, RW);
            tap.take();
            Rig.unmap(domain, 0x20_0000, 512);
            assertThat(InvalidateIommuPagesCommand.PDE.isSet(tap.take().get(0).high())).as("a table has gone").isTrue();
        }
    }

    @Test
    void aMapTellsAUnitThatCachesWhatIsNotPresentAndNoOther() {
        try (var rig = tapped(Rig.with(AmdviFlag.INVALIDATE_ALL, AmdviFlag.NOT_PRESENT_CACHE)); var other = Rig.full()) {
            var domain = attached(rig.start(), false);
            tap.take();
            assertThat(rig.read(NIC, 0x3000)).isNegative();
            Rig.map(domain, 0x3000, 0x20_0000, 3, RW);
            assertThat(tap.take()).filteredOn(command -> command.code() == CommandCode.INVALIDATE_IOMMU_PAGES)
                    .extracting(ScriptedUnit.Command::high).as("page 3, pages 4 and 5").containsExactly(0x3000L, 0x4001L);
            assertThat(rig.read(NIC, 0x3000)).isEqualTo(0x20_0000);

            var otherTap = new CommandTap[1];
            other.registers(real -> otherTap[0] = new CommandTap(real, other.memory()));
            var plain = attached(other.start(), false);
            otherTap[0].take();
            Rig.map(plain, 0x3000, 0x20_0000, 3, RW);
            assertThat(otherTap[0].take()).isEmpty();
        }
    }

    @Test
    void aDomainThatNobodyUsesCostsNoCommand() {
        try (var rig = tapped(Rig.full())) {
            var unit = rig.start();
            var domain = Rig.host(unit, Rig.device(unit, "nic", NIC));
            tap.take();
            Rig.map(domain, 0x1000, 0x20_0000, 4, RW);
            Rig.unmap(domain, 0x1000, 4);
            domain.flushIotlbAll();
            assertThat(tap.take()).isEmpty();
        }
    }

    @Test
    void everythingOfADomainIsForgottenAtOnce() {
        for (boolean guest : new boolean[] {true, false}) {
            try (var rig = Rig.full()) {
                var domain = attached(rig.start(), guest);
                Rig.map(domain, 0x1000, 0x20_0000, 4, RW);
                assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
                var gather = new IotlbGather();
                domain.unmapPages(0x1000, 4096, 4, gather);
                assertThat(rig.read(NIC, 0x1000)).as("cached").isEqualTo(0x20_0000);
                domain.flushIotlbAll();
                assertThat(rig.read(NIC, 0x1000)).isNegative();
            }
        }
    }

    /** Hardware that does not forget may still reach the tables: they stay taken. */
    @Test
    void tablesAreNotGivenBackIfTheUnitDoesNotForget() {
        try (var rig = tapped(Rig.full())) {
            var unit = rig.start();
            var domain = attached(unit, false);
            Rig.map(domain, 0x20_0000, 0x20_0000, 512, RW);
            long before = rig.arena().allocatedBytes();
            tap.spoil(CommandCode.INVALIDATE_IOMMU_PAGES);
            var gather = new IotlbGather();
            domain.unmapPages(0x20_0000, 4096, 512, gather);
            assertErrno(Errno.EINVAL, () -> domain.iotlbSync(gather));
            assertThat(rig.arena().allocatedBytes()).isEqualTo(before);
            tap.leaveAlone();
            domain.iotlbSync(gather);
            assertThat(rig.arena().allocatedBytes()).isLessThan(before);
        }
    }

    @Test
    void anAttachThatTheUnitRefusesLeavesTheDeviceWhereItWas() {
        try (var rig = tapped(Rig.full())) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var first = Rig.host(unit, nic);
            var second = Rig.host(unit, nic);
            Rig.map(first, 0x1000, 0x20_0000, 1, RW);
            Rig.map(second, 0x1000, 0x30_0000, 1, RW);
            first.attachDev(nic, Optional.empty());
            tap.spoil(CommandCode.INVALIDATE_IOMMU_PAGES);
            assertErrno(Errno.EINVAL, () -> second.attachDev(nic, Optional.of(first)));
            tap.leaveAlone();
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertErrno(Errno.EBUSY, second::free);
            unit.blockedDomain().attachDev(nic, Optional.empty());
            second.free();
            first.free();
        }
    }

    @Test
    void blockingGoesOnOverErrorsAndSaysSo() {
        try (var rig = tapped(Rig.full())) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC, 0x0100);
            var domain = Rig.host(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            domain.attachDev(nic, Optional.empty());
            tap.spoil(CommandCode.INVALIDATE_DEVTAB_ENTRY);
            assertErrno(Errno.EINVAL, () -> unit.blockedDomain().attachDev(nic, Optional.empty()));
            for (int id : new int[] {NIC, 0x0100}) {
                assertThat(DeviceEntry.blocks(rig.memory().get64(AttachTest.entry(rig, id)))).isTrue();
            }
            assertErrno(Errno.EBUSY, domain::free);
            tap.leaveAlone();
            unit.blockedDomain().attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            domain.free();
        }
    }

    /** Neither in the driver nor in the model, which carries commands out on the thread that writes the tail pointer. */
    @Test
    void mappingAndUnmappingCreatesNoObjects() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "other", NIC + 8);
            for (var domain : new DriverDomain[] {attached(unit, false), Rig.guest(unit, nic)}) {
                if (domain instanceof GuestDomain) {
                    domain.attachDev(nic, Optional.empty());
                }
                var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
                var gather = new IotlbGather();
                int rounds = 20_000;
                long allocated = 0;
                for (int attempt = 0; attempt < 3; attempt++) {
                    long before = threads.getCurrentThreadAllocatedBytes();
                    for (int i = 0; i < rounds; i++) {
                        domain.mapPages(0x4000, 0x20_0000, 4096, 4, RW);
                        domain.iotlbSyncMap(0x4000, 0x4000);
                        domain.iovaToPhys(0x5000);
                        gather.reset();
                        domain.unmapPages(0x4000, 4096, 4, gather);
                        domain.iotlbSync(gather);
                    }
                    allocated = threads.getCurrentThreadAllocatedBytes() - before;
                }
                assertThat(allocated).as("bytes in %d rounds", rounds).isLessThan(rounds);
            }
        }
    }

    @Test
    void threadsMapAndUnmapInOneDomainAndNoneSeesTheOthersMemory() throws Exception {
        try (var rig = Rig.full()) {
            var unit = rig.startInRealTime();
            var domain = attached(unit, false);
            var pool = Executors.newFixedThreadPool(3);
            try {
                var work = new ArrayList<Callable<Boolean>>();
                for (int t = 0; t < 3; t++) {
                    long base = 0x100_0000L * (t + 1);
                    work.add(() -> {
                        for (int i = 0; i < 300; i++) {
                            Rig.map(domain, base, base, 4, RW);
                            if (rig.read(NIC, base + 0x3000) != base + 0x3000) {
                                return false;
                            }
                            Rig.unmap(domain, base, 4);
                            if (rig.read(NIC, base + 0x3000) >= 0) {
                                return false;
                            }
                        }
                        return true;
                    });
                }
                for (var result : pool.invokeAll(work)) {
                    assertThat(result.get()).isTrue();
                }
            } finally {
                pool.shutdownNow();
            }
            unit.leave(LeavePolicy.BLOCK);
        }
    }
}
