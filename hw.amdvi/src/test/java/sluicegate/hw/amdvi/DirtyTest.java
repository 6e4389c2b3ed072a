package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.amdvi.CommandBufferTest.assertErrno;
import static sluicegate.hw.amdvi.Rig.RW;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;

class DirtyTest {
    private static final int NIC = 0x0118;

    static List<String> dirty(DriverDomain domain, long iova, long size, boolean clear) {
        var pages = new ArrayList<String>();
        domain.readAndClearDirty(iova, size, clear, (start, length) -> pages.add(Long.toHexString(start) + "+" + Long.toHexString(length)));
        return pages;
    }

    @Test
    void pagesThatADeviceWroteAreDirtyUntilTheyAreCleared() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = unit.domainAllocPaging(nic, Set.of(AllocFlag.DIRTY_TRACKING));
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 4, RW);
            assertThat(domain.mapPages(0x40_0000, 0x40_0000, 0x4000, 1, RW)).isEqualTo(0x4000);
            rig.write(NIC, 0x1000);
            assertThat(dirty(domain, 0, 1 << 30, false)).as("nothing is tracked yet").isEmpty();

            domain.setDirtyTracking(true);
            rig.write(NIC, 0x1000);
            rig.write(NIC, 0x3000);
            rig.read(NIC, 0x2000);
            rig.write(NIC, 0x40_2000);
            assertThat(dirty(domain, 0, 1 << 30, false)).containsExactly("1000+1000", "3000+1000", "400000+4000");
            assertThat(dirty(domain, 0x2000, 0x2000, true)).containsExactly("3000+1000");
            assertThat(dirty(domain, 0, 1 << 30, true)).containsExactly("1000+1000", "400000+4000");
            assertThat(dirty(domain, 0, 1 << 30, false)).isEmpty();
            rig.write(NIC, 0x3000);
            assertThat(dirty(domain, 0, 1 << 30, false)).as("no stale translation hides the write").containsExactly("3000+1000");

            domain.setDirtyTracking(false);
            rig.write(NIC, 0x2000);
            assertThat(dirty(domain, 0x2000, 0x1000, false)).isEmpty();
        }
    }

    @Test
    void aDeviceThatComesLaterIsTrackedToo() {
        try (var rig = Rig.full()) {
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
