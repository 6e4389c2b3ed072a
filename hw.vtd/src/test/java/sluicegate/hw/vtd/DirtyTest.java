package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.vtd.Rig.RW;
import static sluicegate.hw.vtd.ScalableAttachTest.assertFails;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;

/** Which pages devices have written to (SSADE). */
class DirtyTest {
    private static final int NIC = 0x0010;

    private static List<String> dirty(DriverDomain domain, long iova, long size, boolean clear) {
        var pages = new ArrayList<String>();
        domain.readAndClearDirty(iova, size, clear, (start, length) -> pages.add(Long.toHexString(start) + "+" + Long.toHexString(length)));
        return pages;
    }

    @Test
    void pagesThatADeviceWroteAreDirtyUntilTheyAreCleared() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = unit.domainAllocPaging(nic, Set.of(AllocFlag.DIRTY_TRACKING));
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 4, RW);
            assertThat(domain.mapPages(0x40_0000, 0x40_0000, 0x20_0000, 1, RW)).isEqualTo(0x20_0000);
            rig.write(NIC, 0x1000);
            assertThat(dirty(domain, 0, 1 << 30, false)).as("nothing is tracked yet").isEmpty();

            domain.setDirtyTracking(true);
            rig.write(NIC, 0x1000);
            rig.write(NIC, 0x3000);
            rig.read(NIC, 0x2000);
            rig.write(NIC, 0x40_2000);
            assertThat(dirty(domain, 0, 1 << 30, false)).containsExactly("1000+1000", "3000+1000", "400000+200000");
            assertThat(dirty(domain, 0x2000, 0x2000, true)).containsExactly("3000+1000");
            assertThat(dirty(domain, 0, 1 << 30, true)).containsExactly("1000+1000", "400000+200000");
            assertThat(dirty(domain, 0, 1 << 30, false)).isEmpty();
            rig.write(NIC, 0x3000);
            assertThat(dirty(domain, 0, 1 << 30, false)).as("no stale translation hides the write").containsExactly("3000+1000");

            domain.setDirtyTracking(false);
            rig.write(NIC, 0x2000);
            assertThat(dirty(domain, 0x2000, 0x1000, false)).isEmpty();
            domain.setDirtyTracking(true);
            assertThat(dirty(domain, 0, 1 << 30, false)).as("what was dirty before is forgotten").isEmpty();
        }
    }

    @Test
    void writesOfAGuestsDevicesAreSeenInTheParent() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = Rig.parent(unit, nic, AllocFlag.DIRTY_TRACKING);
            parent.mapPages(0, 0, 2 << 20, 32, RW);
            Rig.map(parent, 0x4000_0000, 0x30_0000, 2, RW);
            var guest = rig.guestTable();
            guest.map(0x5000, 0x4000_1000, 4096, 1, RW);
            rig.nested(unit, nic, parent, guest.top()).attachDev(nic, Optional.empty());
            rig.write(NIC, 0x5000);
            parent.setDirtyTracking(true);
            assertThat(dirty(parent, 0x4000_0000, 0x2000, true)).isEmpty();
            rig.write(NIC, 0x5000);
            assertThat(dirty(parent, 0x4000_0000, 0x2000, true)).containsExactly("40001000+1000");
            rig.write(NIC, 0x5008);
            assertThat(dirty(parent, 0x4000_0000, 0x2000, true)).containsExactly("40001000+1000");
        }
    }

    @Test
    void aDeviceThatComesLaterIsTrackedToo() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = unit.domainAllocPaging(nic, Set.of(AllocFlag.DIRTY_TRACKING));
            domain.setDirtyTracking(true);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            domain.attachDev(nic, Optional.empty());
            rig.write(NIC, 0x1000);
            assertThat(dirty(domain, 0x1000, 0x1000, true)).containsExactly("1000+1000");
        }
    }

    @Test
    void onlyDomainsThatWereAllocatedForItTrack() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertFails(Errno.EOPNOTSUPP, "DIRTY_TRACKING", () -> Rig.parent(unit, nic).setDirtyTracking(true));
            assertFails(Errno.EOPNOTSUPP, "track", () -> Rig.domain(unit, nic).setDirtyTracking(true));
        }
        try (var rig = Rig.scalable().ecap(ExtendedCapabilityRegister.SSADS, 0)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertFails(Errno.EOPNOTSUPP, "SSADS", () -> unit.domainAllocPaging(nic, Set.of(AllocFlag.DIRTY_TRACKING)));
        }
    }
}
