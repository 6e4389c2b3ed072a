package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.smmuv3.Rig.RW;
import static sluicegate.hw.smmuv3.Rig.assertErrno;

import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.sim.smmuv3.TranslationEngine.AtsAnswer;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** Devices with a translation cache of their own. */
class AtsTest {
    private static final int NIC = 0x10;

    private static boolean entryAllows(Rig rig, Smmuv3Unit unit, TestDevice nic) {
        var step = unit.walk(nic, -1, 0).stream().filter(each -> each.entry().equals("stream table entry")).findFirst();
        return StreamTableEntry.EATS.get(step.orElseThrow().words().get(1)) == StreamTableEntry.EATS_FULL;
    }

    @Test
    void atsIsOnWhileAddressesAreTranslated() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 0), NIC);
            assertThat(unit.capable(nic, Capability.PCI_ATS_SUPPORTED)).isTrue();
            assertThat(nic.config().atsEnabled()).isFalse();
            var domain = Rig.domain(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            Rig.attach(domain, nic);
            assertThat(nic.config().atsEnabled()).isTrue();
            var answer = rig.model().engine().translationRequest(NIC, -1, 0x1000, false);
            assertThat(answer.status()).isEqualTo(AtsAnswer.Status.SUCCESS);
            assertThat(answer.address()).isEqualTo(0x20_0000);
            Rig.attach(unit.identityDomain().orElseThrow(), nic);
            assertThat(nic.config().atsEnabled()).isFalse();
            assertThat(rig.model().engine().translationRequest(NIC, -1, 0x1000, false).status())
                    .isNotEqualTo(AtsAnswer.Status.SUCCESS);
            Rig.attach(domain, nic);
            unit.releaseDevice(nic);
            assertThat(nic.config().atsEnabled()).isFalse();
        }
    }

    /** Off at the device before the entry forbids it; on only after the entry allows it and what the device had is gone. */
    @Test
    void theEntryAllowsAtsWheneverTheDeviceUsesIt() {
        try (var rig = Rig.full()) {
            var watched = new WatchedMemory(rig.memory());
            rig.memory(real -> watched);
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 0), NIC);
            var first = Rig.domain(unit, nic);
            var second = Rig.domain(unit, nic);
            var wrong = new ArrayList<Long>();
            watched.watch(address -> {
                if (nic.config().atsEnabled() && !entryAllows(rig, unit, nic)) {
                    wrong.add(address);
                }
            });
            for (var domain : new sluicegate.api.driver.DriverDomain[] {first, second, unit.identityDomain().orElseThrow(), first,
                unit.blockedDomain(), second}) {
                rig.toDevices.clear();
                Rig.attach(domain, nic);
                assertThat(nic.config().atsEnabled()).isEqualTo(domain == first || domain == second);
                assertThat(rig.toDevices).contains("invalidate 10 all");
            }
            assertThat(wrong).isEmpty();
        }
    }

    @Test
    void anUnmapReachesTheCachesOfAllDevicesThatUseTheDomain() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 0), NIC);
            var disk = Rig.probed(unit, TestDevice.rich("disk", 8), 0x18, 0x19);
            var plain = Rig.device(unit, "plain", 0x20);
            var domain = Rig.domain(unit, nic);
            Rig.map(domain, 0x10_0000, 0x20_0000, 16, RW);
            Rig.attach(domain, nic);
            Rig.attach(domain, plain);
            domain.setDevPasid(disk, 7, Optional.empty());
            rig.toDevices.clear();
            Rig.unmap(domain, 0x10_3000, 1);
            assertThat(rig.toDevices).containsExactlyInAnyOrder("invalidate 10 103000+1000", "invalidate 18/7 103000+1000",
                    "invalidate 19/7 103000+1000");
            rig.toDevices.clear();
            Rig.unmap(domain, 0x10_5000, 4);
            assertThat(rig.toDevices).contains("invalidate 10 100000+10000").hasSize(3);
            unit.blockedDomain().setDevPasid(disk, 7, Optional.empty());
            Rig.attach(unit.blockedDomain(), nic);
            rig.toDevices.clear();
            Rig.unmap(domain, 0x10_4000, 1);
            assertThat(rig.toDevices).isEmpty();
        }
    }

    @Test
    void aDeviceThatDoesNotAnswerFailsTheUnmapAndNothingElse() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 0), NIC);
            var disk = Rig.device(unit, "disk", 0x18);
            var domain = Rig.domain(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 2, RW);
            Rig.attach(domain, nic);
            var other = Rig.domain(unit, disk);
            Rig.map(other, 0x1000, 0x20_0000, 2, RW);
            Rig.attach(other, disk);
            rig.devicesAnswer = false;
            assertErrno(Errno.ETIMEDOUT, () -> Rig.unmap(domain, 0x1000, 1));
            Rig.unmap(other, 0x1000, 1);
            assertErrno(Errno.ETIMEDOUT, () -> Rig.attach(unit.blockedDomain(), nic));
            assertThat(rig.read(NIC, 0x2000)).isNegative();
            assertErrno(Errno.EBUSY, domain::free);
            rig.devicesAnswer = true;
            Rig.attach(unit.blockedDomain(), nic);
            domain.free();
        }
    }

    @Test
    void withoutAtsInTheUnitNothingIsSwitchedOn() {
        try (var rig = Rig.full().idr0(Idr0Register.ATS, 0).idr0(Idr0Register.PRI, 0)) {
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 0), NIC);
            Rig.attach(Rig.domain(unit, nic), nic);
            assertThat(nic.config().atsEnabled()).isFalse();
            assertThat(unit.capable(nic, Capability.PCI_ATS_SUPPORTED)).isFalse();
            assertThat(rig.toDevices).isEmpty();
        }
    }

    @Test
    void atsThatAnEarlierDriverLeftOnIsOffUntilADomainIsAttached() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var nic = Rig.probed(first, TestDevice.rich("nic", 0), NIC);
            Rig.attach(Rig.domain(first, nic), nic);
            first.leave(LeavePolicy.KEEP);
            assertThat(nic.config().atsEnabled()).isTrue();
            var second = rig.start();
            Rig.probed(second, nic, NIC);
            assertThat(nic.config().atsEnabled()).isFalse();
            Rig.attach(Rig.domain(second, nic), nic);
            assertThat(nic.config().atsEnabled()).isTrue();
            second.leave(LeavePolicy.BLOCK);
            assertThat(nic.config().atsEnabled()).isFalse();
        }
    }
}
