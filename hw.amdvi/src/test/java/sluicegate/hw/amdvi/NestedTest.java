package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.amdvi.CommandBufferTest.assertErrno;
import static sluicegate.hw.amdvi.Rig.RW;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.AmdviFlag;
import sluicegate.hw.common.rig.DirtyTrackingContract;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.Gcr3Entry;
import sluicegate.spec.amdvi.GuestPageEntry;

/** A guest with its own tables (v2) on top of its host's (v1). */
class NestedTest {
    private static final int NIC = 0x0118;
    private static final int DISK = 0x0120;
    /** The guest's memory: its address 0 is here. */
    static final long GUEST = 0x400_0000;
    private static final long GCR3 = 0x1_0000;
    private static final long TABLES = 0x2_0000;
    static final int GUEST_DOMAIN = 9;
    private static final long USER = GuestPageEntry.P.mask() | GuestPageEntry.RW.mask() | GuestPageEntry.US.mask();

    static HostDomain parent(AmdviUnit unit, TestDevice nic) {
        var parent = (HostDomain) unit.domainAllocPaging(nic, Set.of(AllocFlag.NEST_PARENT));
        parent.mapPages(0, GUEST, 1L << 21, 2, RW);
        return parent;
    }

    private static long word0(long gcr3) {
        long word0 = DeviceTableEntry.V.mask() | DeviceTableEntry.TV.mask() | DeviceTableEntry.IR.mask() | DeviceTableEntry.IW.mask()
                | DeviceTableEntry.GV.mask() | DeviceTableEntry.GIOV.mask();
        return DeviceTableEntry.setGcr3RootLow(word0, gcr3);
    }

    /** What a guest's driver writes for tables of four levels and PASIDs of nine bits. */
    static List<Long> guestEntry(int domain, long gcr3) {
        return List.of(word0(gcr3), DeviceTableEntry.setGcr3RootHigh(DeviceTableEntry.DOMAINID.set(0, domain), gcr3), 0L, 0L);
    }

    private static List<Long> guestEntry() {
        return guestEntry(GUEST_DOMAIN, GCR3);
    }

    static List<Long> with(List<Long> entry, int word, long set, long clear) {
        var changed = new java.util.ArrayList<>(entry);
        changed.set(word, changed.get(word) & ~clear | set);
        return changed;
    }

    /** The guest writes tables of four levels for one page, all in its own addresses. */
    static void guestMaps(Rig rig, long gcr3, long tables, long iova, long page) {
        rig.memory().set64(GUEST + gcr3, tables | Gcr3Entry.V.mask());
        for (int level = 4; level > 0; level--) {
            long table = tables + (4 - level) * 0x1000L;
            rig.memory().set64(GUEST + table + (iova >>> 12 + 9 * (level - 1) & 511) * 8, (level > 1 ? table + 0x1000 : page) | USER);
        }
    }

    private static void attach(DriverDomain domain, TestDevice device) {
        domain.attachDev(device, Optional.empty());
    }

    @Test
    void bothTablesTranslateAndAnUnmapOfTheHostIsSeen() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = parent(unit, nic);
            Rig.map(parent, 0x80_0000, 0x600_0000, 1, RW);
            guestMaps(rig, GCR3, TABLES, 0x1_2345_6000L, 0x80_0000);
            var nested = unit.domainAllocNested(nic, parent, guestEntry());
            attach(nested, nic);
            assertThat(rig.read(NIC, 0x1_2345_6008L)).isEqualTo(0x600_0008);
            assertThat(rig.write(NIC, 0x1_2345_6008L)).isEqualTo(0x600_0008);
            assertThat(rig.read(NIC, 0x80_0000)).as("its host's addresses are not the device's").isNegative();
            assertThat(unit.walk(nic, Pasid.NONE, 0x1_2345_6008L)).last()
                    .satisfies(step -> assertThat(step.outcome()).startsWith("0x6000008, permissions rw"));
            assertErrno(Errno.EBUSY, parent::free);
            assertErrno(Errno.EBUSY, nested::free);
            Rig.unmap(parent, 0x80_0000, 1);
            assertThat(rig.read(NIC, 0x1_2345_6008L)).as("answer to a read after the unmap").isNegative();
            assertThat(unit.walk(nic, Pasid.NONE, 0x1_2345_6008L)).last()
                    .satisfies(step -> assertThat(step.outcome()).contains("not present"));
            attach(unit.blockedDomain(), nic);
            nested.free();
            parent.free();
        }
    }

    @Test
    void theGuestReachesNothingThatItsHostHasNotMapped() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = parent(unit, nic);
            // Its table of PASIDs is where its host has mapped nothing, and where real memory has a fine one.
            rig.memory().set64(0x7ff_0000, 0x7ff_1000 | Gcr3Entry.V.mask());
            attach(unit.domainAllocNested(nic, parent, guestEntry(GUEST_DOMAIN, 0x7ff_0000)), nic);
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            assertThat(unit.walk(nic, Pasid.NONE, 0x1000)).last()
                    .satisfies(step -> assertThat(step.outcome()).contains("not present"));
            guestMaps(rig, GCR3, TABLES, 0x1000, 0x7000_0000L);
            attach(unit.domainAllocNested(nic, parent, guestEntry()), nic);
            assertThat(rig.read(NIC, 0x1000)).isNegative();
        }
    }

    @Test
    void aParentThatGrowsTakesItsGuestsWithIt() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = parent(unit, nic);
            guestMaps(rig, GCR3, TABLES, 0x1000, 1L << 42);
            attach(unit.domainAllocNested(nic, parent, guestEntry()), nic);
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            Rig.map(parent, 1L << 42, 0x600_0000, 1, RW);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x600_0000);
        }
    }

    /** Two tables of a guest under one PASID: with one id of the unit, one would be served what is cached of the other. */
    @Test
    void eachDomainOfAGuestHasAnIdOfTheUnit() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var disk = Rig.device(unit, "disk", DISK);
            var parent = parent(unit, nic);
            guestMaps(rig, GCR3, TABLES, 0x1000, 0x10_0000);
            guestMaps(rig, GCR3 + 0x1000, TABLES + 0x8000, 0x1000, 0x11_0000);
            var first = unit.domainAllocNested(nic, parent, guestEntry());
            var second = unit.domainAllocNested(disk, parent, guestEntry(GUEST_DOMAIN + 1, GCR3 + 0x1000));
            var third = unit.domainAllocNested(disk, parent, guestEntry());
            attach(first, nic);
            attach(second, disk);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(GUEST + 0x10_0000);
            assertThat(rig.read(DISK, 0x1000)).isEqualTo(GUEST + 0x11_0000);
            int id = domainOf(unit, NIC);
            assertThat(domainOf(unit, DISK)).isNotEqualTo(id).isNotEqualTo(parent.id());
            assertThat(id).isNotEqualTo(parent.id());
            attach(third, disk);
            assertThat(domainOf(unit, DISK)).as("one id for one of the guest's").isEqualTo(id);
            attach(unit.blockedDomain(), nic);
            first.free();
            first.free();
            assertThat(rig.read(DISK, 0x1000)).isEqualTo(GUEST + 0x10_0000);
            attach(unit.blockedDomain(), disk);
            third.free();
            second.free();
            assertThat(Rig.host(unit, nic).id()).as("given back").isLessThanOrEqualTo(parent.id() + 2);
        }
    }

    private static int domainOf(AmdviUnit unit, int deviceId) {
        return (int) DeviceTableEntry.DOMAINID.get(unit.deviceTable().word(deviceId, 1));
    }

    @Test
    void aGuestThatPassesHasItsHostsTablesAndOneThatBlocksNone() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = parent(unit, nic);
            attach(unit.domainAllocNested(nic, parent, List.of(0L, 0L, 0L, 0L)), nic);
            assertThat(rig.write(NIC, 0x1000)).isEqualTo(GUEST + 0x1000);
            attach(unit.domainAllocNested(nic, parent, with(guestEntry(), 0, 0, DeviceTableEntry.GV.mask())), nic);
            assertThat(rig.write(NIC, 0x1000)).isEqualTo(GUEST + 0x1000);
            attach(unit.domainAllocNested(nic, parent, with(guestEntry(), 0, 0, DeviceTableEntry.TV.mask())), nic);
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            guestMaps(rig, GCR3, TABLES, 0x1000, 0x10_0000);
            attach(unit.domainAllocNested(nic, parent, with(guestEntry(), 0, 0, DeviceTableEntry.IW.mask())), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(GUEST + 0x10_0000);
            assertThat(rig.write(NIC, 0x1000)).isNegative();
            attach(unit.domainAllocNested(nic, parent, with(guestEntry(), 0, 0, DeviceTableEntry.GIOV.mask())), nic);
            assertThat(rig.read(NIC, 0x1000)).as("only PASIDs go through the guest's tables").isEqualTo(GUEST + 0x1000);
            attach(parent, nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(GUEST + 0x1000);
        }
    }

    @Test
    void anEntryThatCannotBeIsRefused() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = parent(unit, nic);
            var good = guestEntry();
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, parent, with(good, 0, 1L << 9, 0)));
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, parent, with(good, 0, 0x1000, 0)));
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, parent, guestEntry(GUEST_DOMAIN, 0)));
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, parent, with(good, 0, DeviceTableEntry.GLX.mask(), 0)));
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, parent, with(good, 2, DeviceTableEntry.GPTMODE.mask(), 0)));
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, parent, List.of(1L)));
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, Rig.host(unit, nic), good));
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, Rig.guest(unit, nic), good));
            assertErrno(Errno.EOPNOTSUPP, () -> unit.domainAllocPaging(nic, Set.of(AllocFlag.NEST_PARENT, AllocFlag.PASID)));
        }
        try (var rig = Rig.with(AmdviFlag.INVALIDATE_ALL, AmdviFlag.GUEST_TRANSLATION, AmdviFlag.GUEST_IO_PROTECTION)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertErrno(Errno.EOPNOTSUPP, () -> unit.domainAllocPaging(nic, Set.of(AllocFlag.NEST_PARENT)));
        }
        try (var rig = Rig.with(AmdviFlag.INVALIDATE_ALL, AmdviFlag.GUEST_TRANSLATION, AmdviFlag.GUEST_IO_PROTECTION,
                AmdviFlag.GCR3_GUEST_ADDRESS)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = parent(unit, nic);
            assertErrno(Errno.EOPNOTSUPP, () -> unit.domainAllocNested(nic, parent, with(guestEntry(), 2, 1L << 54, 0)));
            assertErrno(Errno.EOPNOTSUPP, () -> unit.domainAllocNested(nic, parent, with(guestEntry(), 0, 2L << 56, 0)));
        }
    }

    @Test
    void whatItsHostAloneMaySayIsLeftOut() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = parent(unit, nic);
            long mine = DeviceTableEntry.HAD.mask() | DeviceTableEntry.PPR.mask() | DeviceTableEntry.GPRP.mask() | 1L << 63;
            long mine1 = DeviceTableEntry.EX.mask() | DeviceTableEntry.IOCTL.mask() | DeviceTableEntry.SYSMGT.mask()
                    | DeviceTableEntry.SA.mask();
            var wild = with(with(with(guestEntry(), 0, mine, 0), 1, mine1, 0), 2, ~DeviceTableEntry.GPTMODE.mask(), 0);
            guestMaps(rig, GCR3, TABLES, 0x1000, 0x10_0000);
            attach(unit.domainAllocNested(nic, parent, with(wild, 3, -1, 0)), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(GUEST + 0x10_0000);
            assertThat(unit.deviceTable().word(NIC, 0) & mine).isZero();
            assertThat(unit.deviceTable().word(NIC, 1) & mine1).isZero();
            assertThat(unit.deviceTable().word(NIC, 2)).isZero();
            assertThat(unit.deviceTable().word(NIC, 3)).isZero();
        }
    }

    @Test
    void dirtyPagesOfTheHostAreThoseThatItsGuestsDevicesWrote() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = unit.domainAllocPaging(nic, Set.of(AllocFlag.NEST_PARENT, AllocFlag.DIRTY_TRACKING));
            Rig.map(parent, 0, GUEST, 0x200, RW);
            guestMaps(rig, GCR3, TABLES, 0x1000, 0x10_0000);
            attach(unit.domainAllocNested(nic, parent, guestEntry()), nic);
            parent.setDirtyTracking(true);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(GUEST + 0x10_0000);
            assertThat(DirtyTrackingContract.dirty(parent, 0x10_0000, 0x1000, true)).isEmpty();
            rig.write(NIC, 0x1000);
            assertThat(DirtyTrackingContract.dirty(parent, 0x10_0000, 0x1000, true)).containsExactly("100000+1000");
            rig.write(NIC, 0x1000);
            assertThat(DirtyTrackingContract.dirty(parent, 0x10_0000, 0x1000, true)).as("not hidden by what is cached").hasSize(1);
        }
    }

    @Test
    void whatDevicesCachedOfBothTablesIsForgottenAsAWhole() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.probed(unit, new TestDevice("nic").withTlb(16), NIC);
            var parent = parent(unit, nic);
            Rig.map(parent, 0x80_0000, 0x600_0000, 1, RW);
            attach(unit.domainAllocNested(nic, parent, guestEntry()), nic);
            assertThat(nic.atsEnabled()).as("the guest does not want it").isFalse();
            assertThat(nic.pasidEnabled()).isFalse();
            attach(unit.domainAllocNested(nic, parent, with(guestEntry(), 1, DeviceTableEntry.I.mask(), 0)), nic);
            assertThat(nic.atsEnabled()).isTrue();
            rig.told.clear();
            Rig.unmap(parent, 0x80_0000, 1);
            assertThat(rig.told).containsExactly("flush 0118 -1 0+0");
        }
    }

    /** A guest's pointers mean its own addresses; read as real ones they could be anybody's. */
    @Test
    void theNextDriverGivesBackTheHostsTablesAndFollowsNoneOfTheGuests() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            long before = rig.arena().allocatedBytes();
            var parent = parent(unit, nic);
            // Read as real addresses, this guest's pointers would be pages that are still in use by somebody.
            long somebodys = rig.arena().allocate(4096);
            rig.memory().set64(somebodys, somebodys | Gcr3Entry.V.mask());
            attach(unit.domainAllocNested(nic, parent, guestEntry(GUEST_DOMAIN, somebodys)), nic);
            unit.leave(LeavePolicy.KEEP);
            rig.start();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(before + 4096);
            rig.arena().free(somebodys, 4096);
        }
    }
}
