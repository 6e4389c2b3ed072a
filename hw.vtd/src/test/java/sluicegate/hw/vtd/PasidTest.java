package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.vtd.AttachTest.fault;
import static sluicegate.hw.vtd.Rig.RW;
import static sluicegate.hw.vtd.ScalableAttachTest.assertFails;

import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;

/** Domains of PASIDs, beside the domain of a device's other requests. */
class PasidTest {
    private static final int GPU = 0x0118;
    private static final int OTHER = 0x0220;

    private WatchedMemory watched;

    private static TestDevice gpu(VtdUnit unit, int id) {
        return Rig.probed(unit, new TestDevice("gpu" + id, 0x030000).withTlb(16), id);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eachPasidHasItsOwnDomainWhateverKindItIs(boolean cachingMode) {
        try (var rig = Rig.scalable().cap(CapabilityRegister.CM, cachingMode ? 1 : 0)) {
            var unit = rig.start();
            var gpu = gpu(unit, GPU);
            var first = Rig.domain(unit, gpu);
            var second = unit.domainAllocPaging(gpu, Set.of(AllocFlag.DIRTY_TRACKING));
            Rig.map(first, 0x20_0000, 0x30_0000, 1, RW);
            Rig.map(second, 0x20_0000, 0x40_0000, 1, RW);
            assertThat(rig.read(GPU, 1, 0x20_0000)).isEqualTo(fault(FaultReason.SM_CONTEXT_ENTRY_NO_PASIDE));
            first.setDevPasid(gpu, 1, Optional.empty());
            assertThat(rig.read(GPU, 2, 0x20_0000)).isEqualTo(fault(FaultReason.PASID_ENTRY_NOT_PRESENT));
            second.setDevPasid(gpu, 2, Optional.empty());
            unit.identityDomain().orElseThrow().setDevPasid(gpu, 65_535, Optional.empty());
            first.setDevPasid(gpu, 1000, Optional.empty());
            assertThat(rig.read(GPU, 1, 0x20_0000)).isEqualTo(0x30_0000);
            assertThat(rig.read(GPU, 2, 0x20_0000)).isEqualTo(0x40_0000);
            assertThat(rig.read(GPU, 65_535, 0x20_0000)).isEqualTo(0x20_0000);
            assertThat(rig.read(GPU, 1000, 0x20_0000)).isEqualTo(0x30_0000);
            assertThat(rig.read(GPU, 0x20_0000)).as("requests without PASID").isEqualTo(fault(FaultReason.PASID_ENTRY_NOT_PRESENT));

            Rig.unmap(first, 0x20_0000, 1);
            assertThat(rig.read(GPU, 1, 0x20_0000)).isEqualTo(fault(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT));
            assertThat(rig.read(GPU, 1000, 0x20_0000)).isEqualTo(fault(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT));
            second.setDevPasid(gpu, 1, Optional.of(first));
            assertThat(rig.read(GPU, 1, 0x20_0000)).as("replaced").isEqualTo(0x40_0000);
            Rig.unmap(second, 0x20_0000, 1);
            assertThat(rig.read(GPU, 1, 0x20_0000)).isEqualTo(fault(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED));
            for (int pasid : new int[] {1, 2, 1000, 65_535}) {
                unit.blockedDomain().setDevPasid(gpu, pasid, Optional.empty());
            }
            assertThat(rig.read(GPU, 65_535, 0x20_0000)).isEqualTo(fault(FaultReason.SM_CONTEXT_ENTRY_NO_PASIDE));
            first.free();
            second.free();
            unit.releaseDevice(gpu);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    @Test
    void aDomainThatTwoDevicesUseUnderDifferentPasidsIsForgottenInBoth() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var one = gpu(unit, GPU);
            var two = gpu(unit, OTHER);
            var domain = Rig.domain(unit, one);
            domain.setDevPasid(one, 3, Optional.empty());
            domain.setDevPasid(two, 9, Optional.empty());
            domain.attachDev(two, Optional.empty());
            Rig.map(domain, 0x20_0000, 0x30_0000, 1, RW);
            assertThat(rig.read(GPU, 3, 0x20_0000)).isEqualTo(0x30_0000);
            assertThat(rig.read(OTHER, 9, 0x20_0000)).isEqualTo(0x30_0000);
            assertThat(rig.read(OTHER, 0x20_0000)).isEqualTo(0x30_0000);
            Rig.unmap(domain, 0x20_0000, 1);
            assertThat(rig.read(GPU, 3, 0x20_0000)).isNegative();
            assertThat(rig.read(OTHER, 9, 0x20_0000)).isNegative();
            assertThat(rig.read(OTHER, 0x20_0000)).isNegative();
        }
    }

    @Test
    void replacingThePasidsDomainRefusesNoRequestAndTouchesNoOtherPasid() {
        var rig = Rig.scalable().memory(memory -> watched = new WatchedMemory(memory));
        try (rig) {
            var unit = rig.start();
            var gpu = gpu(unit, GPU);
            var first = Rig.domain(unit, gpu);
            var second = Rig.domain(unit, gpu);
            Rig.map(first, 0x20_0000, 0x30_0000, 1, RW);
            Rig.map(second, 0x20_0000, 0x40_0000, 1, RW);
            first.attachDev(gpu, Optional.empty());
            first.setDevPasid(gpu, 5, Optional.empty());
            first.setDevPasid(gpu, 6, Optional.empty());
            var met = new ArrayList<String>();
            watched.watch(address -> {
                met.add(last(unit, gpu, 5));
                assertThat(last(unit, gpu, 6)).startsWith("0x300000");
                assertThat(last(unit, gpu, -1)).startsWith("0x300000");
            });
            second.setDevPasid(gpu, 5, Optional.of(first));
            watched.watch(address -> { });
            assertThat(met).allMatch(outcome -> outcome.startsWith("0x300000") || outcome.startsWith("0x400000"));
            assertThat(rig.read(GPU, 5, 0x20_0000)).isEqualTo(0x40_0000);
            assertThat(rig.read(GPU, 6, 0x20_0000)).isEqualTo(0x30_0000);
        }
    }

    private static String last(VtdUnit unit, TestDevice device, int pasid) {
        var steps = unit.walk(device, pasid, 0x20_0000);
        return steps.get(steps.size() - 1).outcome();
    }

    @Test
    void theDomainOfOtherRequestsChangesUnderPasidsInUse() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var gpu = gpu(unit, GPU);
            var domain = Rig.domain(unit, gpu);
            Rig.map(domain, 0x20_0000, 0x30_0000, 1, RW);
            domain.setDevPasid(gpu, 5, Optional.empty());
            for (int i = 0; i < 3; i++) {
                unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
                assertThat(rig.read(GPU, 5, 0x20_0000)).isEqualTo(0x30_0000);
                domain.attachDev(gpu, Optional.empty());
                assertThat(rig.read(GPU, 5, 0x20_0000)).isEqualTo(0x30_0000);
                unit.blockedDomain().attachDev(gpu, Optional.empty());
                assertThat(rig.read(GPU, 5, 0x20_0000)).isEqualTo(0x30_0000);
                assertThat(rig.read(GPU, 0x20_0000)).isNegative();
            }
        }
    }

    @Test
    void onlyPasidsThatDeviceAndUnitHaveArePossible() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var gpu = gpu(unit, GPU);
            var plain = Rig.device(unit, "plain", OTHER);
            var domain = Rig.domain(unit, gpu);
            assertFails(Errno.EINVAL, "from 1 to 65535", () -> domain.setDevPasid(gpu, 65_536, Optional.empty()));
            assertFails(Errno.EINVAL, "from 1 to 65535", () -> domain.setDevPasid(gpu, 0, Optional.empty()));
            assertFails(Errno.EOPNOTSUPP, "no PASIDs", () -> domain.setDevPasid(plain, 1, Optional.empty()));
            unit.blockedDomain().setDevPasid(plain, 1, Optional.empty());
        }
        try (var rig = Rig.scalable().ecap(ExtendedCapabilityRegister.PASID, 0)) {
            var unit = rig.start();
            var gpu = gpu(unit, GPU);
            assertThat(unit.maxPasids()).isZero();
            assertFails(Errno.EOPNOTSUPP, "ECAP_REG.PASID", () -> unit.domainAllocPaging(gpu, Set.of(AllocFlag.PASID)));
            assertFails(Errno.EOPNOTSUPP, "no PASIDs", () -> Rig.domain(unit, gpu).setDevPasid(gpu, 1, Optional.empty()));
        }
    }

    @Test
    void withoutMemoryForATableNothingHasChanged() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var gpu = gpu(unit, GPU);
            var domain = Rig.domain(unit, gpu);
            rig.scarce().failAlways();
            assertFails(Errno.ENOMEM, "as the test says", () -> domain.setDevPasid(gpu, 1000, Optional.empty()));
            rig.scarce().failNever();
            domain.free();
            unit.releaseDevice(gpu);
        }
    }
}
