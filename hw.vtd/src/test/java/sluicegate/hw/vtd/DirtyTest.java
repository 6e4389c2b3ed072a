package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.vtd.Rig.RW;
import static sluicegate.hw.vtd.ScalableAttachTest.assertFails;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.types.Errno;
import sluicegate.hw.common.rig.DirtyTrackingContract;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;

/** Which pages devices have written to (SSADE). */
class DirtyTest extends DirtyTrackingContract {
    private static final int NIC = 0x0010;

    @Override
    protected Subject subject() {
        var rig = Rig.scalable();
        var unit = rig.start();
        var nic = Rig.device(unit, "nic", NIC);
        return new Subject(unit, nic, iova -> rig.read(NIC, iova), iova -> rig.write(NIC, iova), rig::close);
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
