package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;
import static sluicegate.hw.amdvi.CommandBufferTest.assertErrno;
import static sluicegate.hw.amdvi.Rig.RW;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.GroupFactory;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;

class AttachTest {
    private static final int NIC = 0x0118;
    private static final int DISK = 0x0120;

    private static Rig rig(boolean full) {
        return full ? Rig.full() : Rig.minimal();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDeviceReachesWhatItsDomainMapsAndNothingElse(boolean full) {
        try (var rig = rig(full)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.host(unit, nic);
            assertThat(rig.read(NIC, 0x1000)).as("before any attach").isNegative();
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 2, RW);
            Rig.map(domain, 0x4000, 0x30_0000, 1, Prot.READ);
            assertThat(rig.read(NIC, 0x1008)).isEqualTo(0x20_0008);
            assertThat(rig.write(NIC, 0x2000)).isEqualTo(0x20_1000);
            assertThat(rig.read(NIC, 0x4000)).isEqualTo(0x30_0000);
            assertThat(rig.write(NIC, 0x4000)).isNegative();
            assertThat(rig.read(NIC, 0x3000)).isNegative();
            assertThat(rig.read(DISK, 0x1000)).as("a device that nobody knows").isNegative();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void domainsAreSwitchedAndForgotten(boolean full) {
        try (var rig = rig(full)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var first = Rig.host(unit, nic);
            var second = Rig.host(unit, nic);
            Rig.map(first, 0x1000, 0x20_0000, 1, RW);
            Rig.map(second, 0x1000, 0x30_0000, 1, RW);
            first.attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            second.attachDev(nic, Optional.of(first));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x30_0000);
            unit.identityDomain().orElseThrow().attachDev(nic, Optional.of(second));
            assertThat(rig.read(NIC, 0x1234_5678)).isEqualTo(0x1234_5678);
            unit.blockedDomain().attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            assertThat(rig.write(NIC, 0x1000)).isNegative();
            first.attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            unit.blockedDomain().attachDev(nic, Optional.empty());
            first.free();
            second.free();
            assertThat(rig.sink.faults).isNotNull();
        }
    }

    @Test
    void aDomainThatIsFreedLeavesNoMemoryBehind() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            long before = rig.arena().allocatedBytes();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.host(unit, nic);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            Rig.map(domain, 1L << 45, 0x20_0000, 1, RW);
            assertErrno(Errno.EBUSY, domain::free);
            unit.releaseDevice(nic);
            domain.free();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(before);
        }
    }

    @Test
    void aTableGrowsUnderTheDevicesThatUseItAndTheyGoOn() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var disk = Rig.device(unit, "disk", DISK);
            var domain = Rig.host(unit, nic);
            domain.attachDev(nic, Optional.empty());
            domain.attachDev(disk, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            assertThat(mode(rig, NIC)).isEqualTo(3);
            for (long iova : new long[] {1L << 40, 1L << 50, 1L << 60}) {
                Rig.map(domain, iova, 0x30_0000, 1, RW);
                assertThat(rig.read(NIC, iova)).isEqualTo(0x30_0000);
                assertThat(rig.read(DISK, iova)).isEqualTo(0x30_0000);
                assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            }
            assertThat(mode(rig, NIC)).isEqualTo(6);
            assertThat(domain.apertureEnd()).isEqualTo((1L << 62) - 1);
            var late = Rig.device(unit, "late", 0x0200);
            domain.attachDev(late, Optional.empty());
            assertThat(rig.read(0x0200, 1L << 60)).isEqualTo(0x30_0000);
        }
    }

    @Test
    void aDeviceThatHasLeftIsNotTouchedWhenItsOldDomainGrows() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var first = Rig.host(unit, nic);
            var second = Rig.host(unit, nic);
            first.attachDev(nic, Optional.empty());
            second.attachDev(nic, Optional.empty());
            Rig.map(second, 0x1000, 0x30_0000, 1, RW);
            Rig.map(first, 1L << 45, 0x20_0000, 1, RW);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x30_0000);
            assertThat(rig.read(NIC, 1L << 45)).isNegative();
        }
    }

    @Test
    void tablesGoNoDeeperThanTheUnit() {
        try (var rig = Rig.minimal()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.host(unit, nic);
            domain.attachDev(nic, Optional.empty());
            assertThat(domain.apertureEnd()).isEqualTo((1L << 48) - 1);
            Rig.map(domain, (1L << 48) - 4096, 0x20_0000, 1, RW);
            assertThat(rig.read(NIC, (1L << 48) - 4096)).isEqualTo(0x20_0000);
            assertErrno(Errno.EINVAL, () -> domain.mapPages(1L << 48, 0, 4096, 1, RW));
        }
    }

    @Test
    void pagesOfEverySizeAreWalked() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.host(unit, nic);
            domain.attachDev(nic, Optional.empty());
            for (int shift = 12; shift <= 40; shift++) {
                if ((domain.pageSizes() >>> shift & 1) != 0) {
                    long iova = 1L << 44 + shift % 8;
                    assertThat(domain.mapPages(iova, 1L << shift, 1L << shift, 1, RW)).isEqualTo(1L << shift);
                    assertThat(rig.read(NIC, iova + (1L << shift) - 8)).as("2^" + shift).isEqualTo((2L << shift) - 8);
                    var gather = new sluicegate.api.driver.IotlbGather();
                    assertThat(domain.unmapPages(iova, 1L << shift, 1, gather)).isEqualTo(1L << shift);
                    domain.iotlbSync(gather);
                    assertThat(rig.read(NIC, iova)).isNegative();
                }
            }
        }
    }

    @Test
    void aliasesFollowTheirDevice() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC, 0x0100);
            var disk = Rig.device(unit, "disk", DISK, 0x0100);
            var domain = Rig.host(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            domain.attachDev(nic, Optional.empty());
            domain.attachDev(disk, Optional.empty());
            for (int id : new int[] {NIC, DISK, 0x0100}) {
                assertThat(rig.read(id, 0x1000)).isEqualTo(0x20_0000);
            }
            unit.releaseDevice(nic);
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            assertThat(rig.read(0x0100, 0x1000)).as("the other's requests have it too").isEqualTo(0x20_0000);
            unit.releaseDevice(disk);
            assertThat(rig.read(0x0100, 0x1000)).isNegative();
        }
    }

    @Test
    void devicesWithoutPasidsShareTheDomainIdOfIdentity() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var identity = unit.identityDomain().orElseThrow();
            assertThat(identity.type()).isEqualTo(DomainType.IDENTITY);
            for (int id : new int[] {NIC, DISK}) {
                identity.attachDev(Rig.device(unit, "device" + id, id), Optional.empty());
                assertThat(DeviceTableEntry.DOMAINID.get(rig.memory().get64(entry(rig, id) + 8))).isEqualTo(1);
                assertThat(rig.write(id, 0xabc_d000L)).isEqualTo(0xabc_d000L);
            }
        }
    }

    @Test
    void whatFirmwareWantsStandsInEveryEntryOfTheDevice() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = new TestDevice("nic");
            unit.ofXlate(nic, List.of(NIC, 0b1101_0001));
            unit.probeDevice(nic);
            assertSetting(rig);
            var domain = Rig.host(unit, nic);
            domain.attachDev(nic, Optional.empty());
            assertSetting(rig);
            unit.blockedDomain().attachDev(nic, Optional.empty());
            assertSetting(rig);
            assertThat(rig.read(NIC, 0)).isNegative();
        }
    }

    /** They are on no bus, so nobody probes them, and their interrupts are let through from the start. */
    @Test
    void whatFirmwareWantsForInterruptControllersStandsInTheirEntries() {
        for (int start = 0; start < 2; start++) {
            try (var rig = Rig.full().property("special-device-settings", "0x00a0=0x10, 0x0118=0xd1, nonsense, 0x1=0x1")) {
                var unit = rig.start();
                if (start == 1) {
                    unit.leave(LeavePolicy.KEEP);
                    rig.start();
                }
                assertSetting(rig);
                assertThat(DeviceTableEntry.SYSMGT.get(rig.memory().get64(entry(rig, 0xa0) + 8)))
                        .isEqualTo(DeviceTableEntry.SYSMGT_FORWARD);
                assertThat(rig.memory().get64(entry(rig, 1) + 16)).isZero();
                assertThat(rig.read(NIC, 0)).as("its DMA").isNegative();
            }
        }
    }

    /** Four serial ports of a laptop with one id are one group, as the kernel has them, and have what firmware wants for it. */
    @Test
    void devicesThatAcpiNamesUnderOneIdAreOneGroup() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var groups = mock(GroupFactory.class);
            var first = mock(DeviceGroup.class);
            var another = mock(DeviceGroup.class);
            when(groups.genericDeviceGroup(any())).thenReturn(first, another);
            when(first.reference()).thenReturn(first);
            var ports = new ArrayList<TestDevice>();
            for (int i = 0; i < 4; i++) {
                var port = TestDevice.platform("\\_SB.FUR" + i, Map.of());
                unit.ofXlate(port, List.of(0xa5, 0x40));
                unit.probeDevice(port);
                assertThat(unit.deviceGroup(port, groups)).isSameAs(first);
                ports.add(port);
            }
            verify(first, times(3)).reference();
            var domain = Rig.host(unit, ports.get(0));
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            ports.forEach(port -> domain.attachDev(port, Optional.empty()));
            assertThat(rig.write(0xa5, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.memory().get64(entry(rig, 0xa5) + 16)).isEqualTo(DeviceTableEntry.LINT0PASS.mask());
            ports.forEach(unit::releaseDevice);
            assertThat(rig.write(0xa5, 0x1000)).isNegative();
            unit.probeDevice(ports.get(0));
            assertThat(unit.deviceGroup(ports.get(0), groups)).as("the old group is gone").isSameAs(another);
        }
    }

    private static void assertSetting(Rig rig) {
        long entry = entry(rig, NIC);
        assertThat(DeviceTableEntry.SYSMGT.get(rig.memory().get64(entry + 8))).isEqualTo(DeviceTableEntry.SYSMGT_FORWARD);
        assertThat(rig.memory().get64(entry + 16)).isEqualTo(DeviceTableEntry.LINT1PASS.mask() | DeviceTableEntry.LINT0PASS.mask()
                | DeviceTableEntry.INITPASS.mask());
    }

    @Test
    void whatCannotBeIsRefusedAndChangesNothing() {
        try (var rig = Rig.full(); var other = Rig.minimal()) {
            var unit = rig.start();
            var foreign = other.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.host(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            domain.attachDev(nic, Optional.empty());
            var stranger = Rig.host(foreign, Rig.device(foreign, "stranger", NIC));
            assertErrno(Errno.EINVAL, () -> stranger.attachDev(nic, Optional.empty()));
            assertErrno(Errno.EINVAL, () -> domain.attachDev(new TestDevice("unknown"), Optional.empty()));
            assertErrno(Errno.EINVAL, () -> unit.ofXlate(nic, List.of(0x1_0000, 0)));
            assertErrno(Errno.EINVAL, () -> unit.ofXlate(nic, List.of(1, 0x100)));
            assertErrno(Errno.EINVAL, () -> unit.ofXlate(nic, List.of(1, 2, 3)));
            assertErrno(Errno.EINVAL, () -> unit.ofXlate(nic, List.of()));
            assertErrno(Errno.ENODEV, () -> unit.probeDevice(new TestDevice("without ids")));
            assertErrno(Errno.EOPNOTSUPP, () -> unit.domainAllocPaging(nic, Set.of(AllocFlag.PASID, AllocFlag.DIRTY_TRACKING)));
            for (var flag : AllocFlag.values()) {
                assertErrno(Errno.EOPNOTSUPP, () -> foreign.domainAllocPaging(nic, Set.of(flag)));
            }
            assertErrno(Errno.EOPNOTSUPP, () -> domain.setDevPasid(nic, 1, Optional.empty()));
            assertErrno(Errno.EINVAL, () -> unit.identityDomain().orElseThrow().mapPages(0, 0, 4096, 1, RW));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
        }
    }

    /** Whatever the driver stores, a device that never stops finds its old target, its new one, or nothing. */
    @Test
    void atEveryStoreADeviceReachesOldOrNewOrNothing() {
        var rig = Rig.full();
        try (rig) {
            var watched = new WatchedMemory(rig.memory());
            rig.memory(real -> watched);
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var first = Rig.host(unit, nic);
            var second = Rig.guest(unit, nic);
            Rig.map(first, 0x1000, 0x20_0000, 1, RW);
            Rig.map(second, 0x1000, 0x30_0000, 1, RW);
            var identity = unit.identityDomain().orElseThrow();
            var targets = List.of(first, second, identity, second, first, identity, first, unit.blockedDomain(), second);
            var answers = List.of(0x20_0000L, 0x30_0000L, 0x1000L, 0x30_0000L, 0x20_0000L, 0x1000L, 0x20_0000L, -1L, 0x30_0000L);
            long old = -1;
            for (int i = 0; i < targets.size(); i++) {
                var seen = new ArrayList<Long>();
                var driver = Thread.currentThread();
                // Of the stores of this thread only: the interrupt's clears records of the event log.
                watched.watch(address -> {
                    if (Thread.currentThread() == driver) {
                        seen.add(Math.max(-1, rig.read(NIC, 0x1000)));
                    }
                });
                targets.get(i).attachDev(nic, Optional.empty());
                watched.watch(address -> { });
                assertThat(seen).as("attach " + i).isSubsetOf(old, answers.get(i), -1L);
                old = answers.get(i);
                assertThat(Math.max(-1, rig.read(NIC, 0x1000))).as("after attach " + i).isEqualTo(old);
            }
        }
    }

    @Test
    void reservedRangesAreThoseOfFirmwareAndOfTheArchitecture() {
        var unity = new ReservedRegion(0x7000_0000L, 0x1000, RW, ReservedRegion.Type.DIRECT);
        var exclusion = new ReservedRegion(0x7100_0000L, 0x1000, RW, ReservedRegion.Type.RESERVED);
        try (var rig = Rig.full().region(new FirmwareRegion(unity, Set.of("nic")))
                .region(new FirmwareRegion(exclusion, Set.of("disk")))) {
            var unit = rig.start();
            assertThat(unit.reservedRegions(Rig.device(unit, "nic", NIC))).contains(unity).doesNotContain(exclusion)
                    .extracting(ReservedRegion::start).containsExactlyInAnyOrder(0x7000_0000L, 0xfee0_0000L);
        }
        try (var rig = Rig.minimal()) {
            var unit = rig.start();
            assertThat(unit.reservedRegions(Rig.device(unit, "nic", NIC))).as("a unit with HyperTransport's addresses")
                    .extracting(ReservedRegion::start).containsExactlyInAnyOrder(0xfee0_0000L, 0xfd_0000_0000L);
        }
    }

    static int mode(Rig rig, int deviceId) {
        return (int) DeviceTableEntry.MODE.get(rig.memory().get64(entry(rig, deviceId)));
    }

    static long entry(Rig rig, int deviceId) {
        assertThat(ControlRegister.IOMMUEN.isSet(rig.registers().read64(ControlRegister.OFFSET))).isTrue();
        return (rig.registers().read64(0) & 0xf_ffff_ffff_f000L) + deviceId * 32L;
    }
}
