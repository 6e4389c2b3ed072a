package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.smmuv3.Rig.RW;
import static sluicegate.hw.smmuv3.Rig.assertErrno;
import static sluicegate.hw.smmuv3.Rig.fault;

import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.hw.common.rig.DirtyTrackingContract;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.Idr0Register;

/** Which pages a device wrote to, as hardware notes it in the tables (HTTU). */
class DirtyTrackingTest extends DirtyTrackingContract {
    private static final int NIC = 0x10;

    @Override
    protected Subject subject() {
        var rig = Rig.full();
        var unit = rig.start();
        var nic = Rig.device(unit, "nic", NIC);
        return new Subject(unit, nic, iova -> rig.read(NIC, iova), iova -> rig.write(NIC, iova), rig::close);
    }

    @Override
    protected boolean tracksAlways() {
        return true;
    }

    @Test
    void onlyWhatMayBeWrittenBecomesDirtyAndStaysWhereItIs() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertThat(unit.capable(nic, Capability.DIRTY_TRACKING)).isTrue();
            var domain = Rig.domain(unit, nic, AllocFlag.DIRTY_TRACKING);
            Rig.map(domain, 0x1000, 0x20_0000, 8, RW);
            Rig.map(domain, 0x10_0000, 0x30_0000, 1, Prot.READ);
            domain.mapPages(0x4000_0000L, 0x4000_0000L, 1L << 21, 2, RW);
            Rig.attach(domain, nic);
            domain.setDirtyTracking(true);
            assertThat(rig.read(NIC, 0x2000)).isEqualTo(0x20_1000);
            assertThat(rig.write(NIC, 0x3008)).isEqualTo(0x20_2008);
            assertThat(rig.write(NIC, 0x8000)).isEqualTo(0x20_7000);
            assertThat(rig.write(NIC, 0x4020_5000L)).isEqualTo(0x4020_5000L);
            assertThat(rig.write(NIC, 0x10_0000)).as("not writable").isEqualTo(fault(EventType.F_PERMISSION));
            assertThat(dirty(domain, 0, 1L << 32, false)).containsExactly("3000+1000", "8000+1000", "40200000+200000");
            assertThat(dirty(domain, 0x1000, 0x7000, true)).containsExactly("3000+1000");
            assertThat(dirty(domain, 0, 1L << 32, false)).containsExactly("8000+1000", "40200000+200000");
            assertThat(rig.write(NIC, 0x3ff8)).as("hardware looks again").isEqualTo(0x20_2ff8);
            assertThat(dirty(domain, 0, 0x10_0000, true)).containsExactly("3000+1000", "8000+1000");
            assertThat(domain.iovaToPhys(0x3008)).isEqualTo(0x20_2008);
        }
    }

    @Test
    void withoutTheHardwareOrTheWishThereIsNone() {
        try (var rig = Rig.full().idr0(Idr0Register.HTTU, Idr0Register.HTTU_ACCESS)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertErrno(Errno.EOPNOTSUPP, () -> Rig.domain(unit, nic, AllocFlag.DIRTY_TRACKING));
            assertErrno(Errno.EOPNOTSUPP, () -> Rig.domain(unit, nic).setDirtyTracking(true));
        }
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertErrno(Errno.EOPNOTSUPP, () -> Rig.domain(unit, nic, AllocFlag.DIRTY_TRACKING, AllocFlag.NEST_PARENT));
            assertErrno(Errno.EOPNOTSUPP, () -> Rig.domain(unit, nic).readAndClearDirty(0, 4096, true, (iova, size) -> {}));
        }
    }
}
