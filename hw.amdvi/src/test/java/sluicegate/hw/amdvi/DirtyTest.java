package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.amdvi.CommandBufferTest.assertErrno;
import static sluicegate.hw.amdvi.Rig.RW;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.types.Errno;
import sluicegate.hw.common.rig.DirtyTrackingContract;

/** Which pages devices have written to (HAD, HD). */
class DirtyTest extends DirtyTrackingContract {
    private static final int NIC = 0x0118;

    @Override
    protected Subject subject() {
        var rig = Rig.full();
        var unit = rig.start();
        var nic = Rig.device(unit, "nic", NIC);
        return new Subject(unit, nic, iova -> rig.read(NIC, iova), iova -> rig.write(NIC, iova), rig::close);
    }

    @Test
    void aPageOfAnySizeIsOne() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = unit.domainAllocPaging(nic, Set.of(AllocFlag.DIRTY_TRACKING));
            domain.attachDev(nic, Optional.empty());
            assertThat(domain.mapPages(0x40_0000, 0x40_0000, 0x4000, 1, RW)).isEqualTo(0x4000);
            domain.setDirtyTracking(true);
            rig.write(NIC, 0x40_2000);
            assertThat(dirty(domain, 0, 1 << 30, true)).containsExactly("400000+4000");
            assertThat(dirty(domain, 0, 1 << 30, true)).isEmpty();
        }
    }

    @Test
    void onlyDomainsThatWereAllocatedForItTrack() {
        try (var rig = Rig.full(); var minimal = Rig.minimal()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertErrno(Errno.EOPNOTSUPP, () -> Rig.host(unit, nic).setDirtyTracking(true));
            assertErrno(Errno.EOPNOTSUPP, () -> Rig.guest(unit, nic).setDirtyTracking(true));
            var plain = minimal.start();
            var disk = Rig.device(plain, "disk", NIC);
            assertErrno(Errno.EOPNOTSUPP, () -> plain.domainAllocPaging(disk, Set.of(AllocFlag.DIRTY_TRACKING)));
        }
    }
}
