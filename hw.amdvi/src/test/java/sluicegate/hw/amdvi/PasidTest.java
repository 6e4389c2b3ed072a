package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.amdvi.CommandBufferTest.assertErrno;
import static sluicegate.hw.amdvi.Rig.RW;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.firmware.AmdviFlag;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.spec.amdvi.CommandCode;

/** PASIDs and guest tables, on the model. */
class PasidTest {
    private static final int GPU = 0x0118;
    private static final int NIC = 0x0120;

    private static TestDevice gpu(AmdviUnit unit) {
        return Rig.probed(unit, new TestDevice("gpu").withTlb(16), GPU);
    }

    @Test
    void aGuestDomainServesRequestsWithoutPasid() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.guest(unit, nic);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            Rig.map(domain, 0x2000, 0x30_0000, 1, Prot.READ);
            assertThat(rig.read(NIC, 0x1004)).isEqualTo(0x20_0004);
            assertThat(rig.write(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.write(NIC, 0x2000)).isNegative();
            assertThat(rig.read(NIC, 5, 0x1000)).as("a PASID that nobody attached").isNegative();
            Rig.unmap(domain, 0x1000, 1);
            assertThat(rig.read(NIC, 0x1000)).isNegative();
        }
    }

    @Test
    void eachPasidHasItsOwnTablesBesideIdentityAndBesideGuestTables() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var process = Rig.guest(unit, gpu);
            var other = Rig.guest(unit, gpu);
            Rig.map(process, 0x1000, 0x20_0000, 1, RW);
            Rig.map(other, 0x1000, 0x30_0000, 1, RW);
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            process.setDevPasid(gpu, 1, Optional.empty());
            other.setDevPasid(gpu, 0xffff, Optional.empty());
            assertThat(rig.read(GPU, 0x1000)).isEqualTo(0x1000);
            assertThat(rig.read(GPU, 1, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(GPU, 0xffff, 0x1000)).isEqualTo(0x30_0000);
            assertThat(rig.read(GPU, 2, 0x1000)).isNegative();

            var requests = Rig.guest(unit, gpu);
            Rig.map(requests, 0x1000, 0x40_0000, 1, RW);
            requests.attachDev(gpu, Optional.empty());
            assertThat(rig.read(GPU, 0x1000)).isEqualTo(0x40_0000);
            assertThat(rig.read(GPU, 1, 0x1000)).as("goes on beside the change").isEqualTo(0x20_0000);

            unit.blockedDomain().setDevPasid(gpu, 1, Optional.of(process));
            assertThat(rig.read(GPU, 1, 0x1000)).isNegative();
            assertThat(rig.read(GPU, 0xffff, 0x1000)).isEqualTo(0x30_0000);
        }
    }

    @Test
    void oneDomainMayServeSeveralPasidsOfSeveralDevices() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var nic = Rig.probed(unit, new TestDevice("nic").withTlb(20), NIC);
            var process = Rig.guest(unit, gpu);
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            unit.identityDomain().orElseThrow().attachDev(nic, Optional.empty());
            process.setDevPasid(gpu, 3, Optional.empty());
            process.setDevPasid(nic, 3, Optional.empty());
            process.setDevPasid(nic, 0x8_0000, Optional.empty());
            Rig.map(process, 0x1000, 0x20_0000, 1, RW);
            assertThat(rig.read(GPU, 3, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(NIC, 3, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(NIC, 0x8_0000, 0x1000)).isEqualTo(0x20_0000);
            Rig.unmap(process, 0x1000, 1);
            assertThat(rig.read(GPU, 3, 0x1000)).isNegative();
            assertThat(rig.read(NIC, 3, 0x1000)).isNegative();
            assertThat(rig.read(NIC, 0x8_0000, 0x1000)).isNegative();
            assertErrno(Errno.EBUSY, process::free);
        }
    }

    @Test
    void aPasidNeedsIdentityOrGuestTablesAndCannotBeReplaced() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var process = Rig.guest(unit, gpu);
            var host = Rig.host(unit, gpu);
            assertErrno(Errno.EINVAL, () -> process.setDevPasid(gpu, 1, Optional.empty()));
            host.attachDev(gpu, Optional.empty());
            assertErrno(Errno.EINVAL, () -> process.setDevPasid(gpu, 1, Optional.empty()));
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            process.setDevPasid(gpu, 1, Optional.empty());
            assertErrno(Errno.EOPNOTSUPP, () -> Rig.guest(unit, gpu).setDevPasid(gpu, 1, Optional.of(process)));
            assertErrno(Errno.EINVAL, () -> process.setDevPasid(gpu, 0, Optional.empty()));
            assertErrno(Errno.EINVAL, () -> process.setDevPasid(gpu, 0x1_0000, Optional.empty()));
            assertErrno(Errno.EBUSY, () -> host.attachDev(gpu, Optional.empty()));
            assertErrno(Errno.EOPNOTSUPP, () -> host.setDevPasid(gpu, 2, Optional.empty()));
            var nic = Rig.device(unit, "nic", NIC);
            unit.identityDomain().orElseThrow().attachDev(nic, Optional.empty());
            assertErrno(Errno.EINVAL, () -> process.setDevPasid(nic, 1, Optional.empty()));
        }
    }

    @Test
    void blockingADeviceStopsItsPasidsAndTheyComeBackWithIt() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var process = Rig.guest(unit, gpu);
            Rig.map(process, 0x1000, 0x20_0000, 1, RW);
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            process.setDevPasid(gpu, 1, Optional.empty());
            unit.blockedDomain().attachDev(gpu, Optional.empty());
            assertThat(rig.read(GPU, 1, 0x1000)).isNegative();
            assertThat(rig.read(GPU, 0x1000)).isNegative();
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            assertThat(rig.read(GPU, 1, 0x1000)).isEqualTo(0x20_0000);
        }
    }

    @Test
    void whatADeviceHadForItsPasidsIsGivenBack() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            long before = rig.arena().allocatedBytes();
            var gpu = gpu(unit);
            var process = Rig.guest(unit, gpu);
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            process.setDevPasid(gpu, 1, Optional.empty());
            process.setDevPasid(gpu, 0xfff0, Optional.empty());
            unit.releaseDevice(gpu);
            process.free();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(before);
        }
    }

    /** Hardware that does not forget keeps what was the device's until the driver leaves. */
    @Test
    void aDeviceThatCouldNotBeBlockedWhenItLeftKeepsItsTableUntilTheDriverLeaves() {
        var rig = Rig.full();
        try (rig) {
            var tap = new CommandTap[1];
            rig.registers(real -> tap[0] = new CommandTap(real, rig.memory()));
            var unit = rig.start();
            var gpu = gpu(unit);
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            Rig.guest(unit, gpu).setDevPasid(gpu, 1, Optional.empty());
            long before = rig.arena().allocatedBytes();
            tap[0].spoil(CommandCode.INVALIDATE_DEVTAB_ENTRY);
            assertErrno(Errno.EINVAL, () -> unit.releaseDevice(gpu));
            tap[0].leaveAlone();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(before);
            assertThat(rig.read(GPU, 0x1000)).isNegative();
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(DeviceTable.BYTES);
        }
    }

    /** Behind a bridge to conventional PCI; they are in one group and so in one domain. */
    @Test
    void devicesThatShareAnIdGoThroughTheDomainsTableOfPasids() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            long empty = rig.arena().allocatedBytes();
            var first = Rig.device(unit, "first", NIC, 0x0100);
            var second = Rig.device(unit, "second", GPU, 0x0100);
            var guest = Rig.guest(unit, first);
            Rig.map(guest, 0x1000, 0x20_0000, 1, RW);
            guest.attachDev(first, Optional.empty());
            guest.attachDev(second, Optional.empty());
            for (int id : new int[] {NIC, GPU, 0x0100}) {
                assertThat(rig.read(id, 0x1000)).isEqualTo(0x20_0000);
                assertThat(rig.read(id, 5, 0x1000)).as("a PASID").isNegative();
            }
            assertErrno(Errno.EINVAL, () -> guest.setDevPasid(second, 5, Optional.empty()));
            Rig.unmap(guest, 0x1000, 1);
            assertThat(rig.read(0x0100, 0x1000)).isNegative();
            unit.identityDomain().orElseThrow().attachDev(first, Optional.empty());
            assertThat(rig.read(0x0100, 0x5000)).isEqualTo(0x5000);
            assertThat(rig.read(GPU, 0x5000)).isNegative();
            unit.identityDomain().orElseThrow().attachDev(second, Optional.empty());
            guest.free();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(empty);
        }
    }

    /** Once without a table of its own it stays so: what was counted under the domain's is taken away under it. */
    @Test
    void aDeviceThatNoLongerSharesItsIdKeepsToTheDomainsTable() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            long empty = rig.arena().allocatedBytes();
            var first = Rig.device(unit, "first", NIC, 0x0100);
            var second = Rig.device(unit, "second", GPU, 0x0100);
            var guest = Rig.guest(unit, first);
            guest.attachDev(first, Optional.empty());
            unit.releaseDevice(second);
            var next = Rig.guest(unit, first);
            Rig.map(next, 0x1000, 0x30_0000, 1, RW);
            next.attachDev(first, Optional.of(guest));
            guest.free();
            assertThat(rig.read(0x0100, 0x1000)).isEqualTo(0x30_0000);
            unit.releaseDevice(first);
            next.free();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(empty);
        }
    }

    @Test
    void aUnitWithoutGuestTablesForAllHasNoPasids() {
        try (var rig = Rig.with(AmdviFlag.INVALIDATE_ALL, AmdviFlag.GUEST_TRANSLATION)) {
            assertThat(rig.start().maxPasids()).isZero();
        }
        try (var rig = Rig.with(AmdviFlag.INVALIDATE_ALL, AmdviFlag.GUEST_TRANSLATION, AmdviFlag.GUEST_IO_PROTECTION)) {
            assertThat(rig.start().maxPasids()).isEqualTo(1 << 16);
        }
    }
}
