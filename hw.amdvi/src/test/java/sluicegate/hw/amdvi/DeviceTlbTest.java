package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.amdvi.CommandBufferTest.assertErrno;
import static sluicegate.hw.amdvi.Rig.RW;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.firmware.AmdviFlag;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.DeviceTableEntry;

/** ATS, PRI and PASIDs at the device: when they are switched, and who is told what. */
class DeviceTlbTest {
    private static final int GPU = 0x0118;

    private CommandTap tap;

    private static TestDevice gpu(AmdviUnit unit) {
        return Rig.probed(unit, new TestDevice("gpu").withTlb(16), GPU);
    }

    @Test
    void theUnitAllowsTranslationRequestsBeforeTheDeviceSendsThemAndPasidsComeFirst() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var order = new ArrayList<String>();
            gpu.config().onWrite(offset -> order.add(switch (offset) {
                case TestDevice.ATS + 6 -> "ATS " + gpu.atsEnabled() + ", unit " + allowed(rig);
                case TestDevice.PASID + 6 -> "PASID " + gpu.pasidEnabled();
                case TestDevice.PRI + 4 -> "PRI " + gpu.config().read16(offset);
                default -> "allocation " + gpu.config().read32(TestDevice.PRI + 12);
            }));
            Rig.guest(unit, gpu).attachDev(gpu, Optional.empty());
            assertThat(order).containsExactly("PASID true", "ATS true, unit true", "PRI 2", "allocation 32", "PRI 1");
            order.clear();
            unit.blockedDomain().attachDev(gpu, Optional.empty());
            assertThat(order).containsExactly("PRI 0", "ATS false, unit true", "PASID false");
            assertThat(allowed(rig)).isFalse();
            assertThat(rig.told).contains("flush 0118 -1 0+0");
        }
    }

    private static boolean allowed(Rig rig) {
        return DeviceTableEntry.I.isSet(rig.memory().get64(AttachTest.entry(rig, GPU) + 8));
    }

    @Test
    void whatAnEarlierDriverLeftOnIsOffUntilADomainIsAttached() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = new TestDevice("gpu").withTlb(16);
            gpu.config().write16(TestDevice.ATS + 6, 0x8000);
            gpu.config().write16(TestDevice.PRI + 4, 1);
            gpu.config().write16(TestDevice.PASID + 6, 1);
            Rig.probed(unit, gpu, GPU);
            assertThat(gpu.atsEnabled()).isFalse();
            assertThat(gpu.priEnabled()).isFalse();
            assertThat(gpu.pasidEnabled()).isFalse();
        }
    }

    @Test
    void hostTablesGiveADeviceTranslationsButNeitherPasidsNorPageRequests() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var domain = Rig.host(unit, gpu);
            domain.attachDev(gpu, Optional.empty());
            assertThat(gpu.atsEnabled()).isTrue();
            assertThat(gpu.pasidEnabled()).isFalse();
            assertThat(gpu.priEnabled()).isFalse();
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            var answer = rig.model().translationRequest(GPU, Pasid.NONE, 0x1000, false);
            assertThat(answer.status()).isEqualTo(DmaStatus.OK);
            assertThat(answer.address()).isEqualTo(0x20_0000);
        }
    }

    @Test
    void aDeviceWithoutAtsIsNotAllowedAny() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var plain = Rig.device(unit, "plain", GPU);
            Rig.host(unit, plain).attachDev(plain, Optional.empty());
            assertThat(allowed(rig)).isFalse();
        }
        try (var rig = Rig.with(AmdviFlag.INVALIDATE_ALL)) {
            var unit = rig.start();
            var gpu = gpu(unit);
            Rig.host(unit, gpu).attachDev(gpu, Optional.empty());
            assertThat(gpu.atsEnabled()).as("the unit has no ATS").isFalse();
            assertThat(allowed(rig)).isFalse();
        }
    }

    @Test
    void anUnmapTellsDevicesAfterTheUnitHasForgotten() {
        var rig = Rig.full();
        try (rig) {
            rig.registers(real -> tap = new CommandTap(real, rig.memory()));
            var unit = rig.start();
            var gpu = gpu(unit);
            var domain = Rig.host(unit, gpu);
            domain.attachDev(gpu, Optional.empty());
            Rig.map(domain, 0x4000, 0x20_0000, 4, RW);
            rig.told.clear();
            tap.take();
            Rig.unmap(domain, 0x4000, 4);
            assertThat(tap.take()).extracting(ScriptedUnit.Command::code).containsExactly(CommandCode.INVALIDATE_IOMMU_PAGES,
                    CommandCode.COMPLETION_WAIT, CommandCode.INVALIDATE_IOTLB_PAGES, CommandCode.COMPLETION_WAIT);
            assertThat(rig.told).containsExactly("flush 0118 -1 4000+4000");
        }
    }

    @Test
    void devicesAreToldByPasid() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var requests = Rig.guest(unit, gpu);
            var process = Rig.guest(unit, gpu);
            requests.attachDev(gpu, Optional.empty());
            process.setDevPasid(gpu, 7, Optional.empty());
            Rig.map(requests, 0x1000, 0x20_0000, 1, RW);
            Rig.map(process, 0x1000, 0x20_0000, 1, RW);
            rig.told.clear();
            Rig.unmap(requests, 0x1000, 1);
            Rig.unmap(process, 0x1000, 1);
            assertThat(rig.told).containsExactly("flush 0118 -1 1000+1000", "flush 0118 7 1000+1000");
            rig.told.clear();
            unit.blockedDomain().setDevPasid(gpu, 7, Optional.of(process));
            assertThat(rig.told).containsExactly("flush 0118 7 0+0");
        }
    }

    @Test
    void aDeviceThatKeepsItsTlbForgetsItWhenTheDomainChanges() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            Rig.host(unit, gpu).attachDev(gpu, Optional.empty());
            rig.told.clear();
            Rig.host(unit, gpu).attachDev(gpu, Optional.empty());
            assertThat(rig.told).containsExactly("flush 0118 -1 0+0");
            assertThat(gpu.atsEnabled()).isTrue();
        }
    }

    @Test
    void aDeviceThatDoesNotAnswerIsAnErrorOfTheUnmapAndNothingIsReused() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var domain = Rig.host(unit, gpu);
            domain.attachDev(gpu, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            rig.silenceDevices(true);
            assertErrno(Errno.ETIMEDOUT, () -> Rig.unmap(domain, 0x1000, 1));
            rig.silenceDevices(false);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            Rig.unmap(domain, 0x1000, 1);
        }
    }

    @Test
    void pageRequestsReachTheCoreAndAnswersTheDevice() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var process = Rig.guest(unit, gpu);
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            process.setDevPasid(gpu, 7, Optional.empty());
            rig.model().requestPage(GPU, 7, 0x5000, RequestAccess.READ | RequestAccess.WRITE, 3, true);
            unit.takePageRequests();
            var request = new PageRequest(GPU, 7, 0x5000, Prot.READ | Prot.WRITE | Prot.NOEXEC, 3, true);
            assertThat(rig.sink.requests).containsExactly(request);
            rig.told.clear();
            unit.pageResponse(gpu, request, PageResponse.SUCCESS);
            unit.pageResponse(gpu, request, PageResponse.INVALID);
            unit.pageResponse(gpu, request, PageResponse.FAILURE);
            assertThat(rig.told).isEqualTo(List.of("answer 0118 7 3 0", "answer 0118 7 3 1", "answer 0118 7 3 15"));
        }
    }

    /** What a device does with a PASID that it does not expect in an answer is open (PriCapability.PRG_RESPONSE_PASID_REQUIRED). */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answersCarryThePasidForDevicesThatWantIt(boolean enhanced) {
        try (var rig = enhanced ? Rig.full() : Rig.with(AmdviFlag.IOTLB, AmdviFlag.PAGE_REQUESTS, AmdviFlag.GUEST_TRANSLATION,
                AmdviFlag.GUEST_IO_PROTECTION, AmdviFlag.INVALIDATE_ALL)) {
            var unit = rig.start();
            var plain = new TestDevice("plain").withTlb(16);
            plain.config().set32(TestDevice.PRI + 4, 0);
            Rig.probed(unit, plain, GPU);
            unit.identityDomain().orElseThrow().attachDev(plain, Optional.empty());
            var wants = asking(unit, "wants", GPU + 8);
            rig.told.clear();
            unit.pageResponse(plain, new PageRequest(GPU, 7, 0x5000, Prot.READ, 3, true), PageResponse.SUCCESS);
            unit.pageResponse(wants, new PageRequest(GPU + 8, 7, 0x5000, Prot.READ, 4, true), PageResponse.SUCCESS);
            assertThat(rig.told).containsExactly("answer 0118 -1 3 0", "answer 0120 7 4 0");
            assertThat(DeviceTableEntry.GPRP.isSet(rig.memory().get64(AttachTest.entry(rig, GPU)))).isFalse();
            assertThat(DeviceTableEntry.GPRP.isSet(rig.memory().get64(AttachTest.entry(rig, GPU + 8)))).isTrue();
            assertThat(DeviceTableEntry.PPR.isSet(rig.memory().get64(AttachTest.entry(rig, GPU + 8)))).isEqualTo(enhanced);
        }
    }

    @Test
    void aRequestForAPasidThatIsTooLargeFails() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            rig.model().requestPage(GPU, 0x1_0000, 0x5000, RequestAccess.READ, 3, true);
            unit.takePageRequests();
            assertThat(rig.sink.requests).isEmpty();
            assertThat(rig.told).contains("answer 0118 65536 3 15");
        }
    }

    private static TestDevice asking(AmdviUnit unit, String name, int id) {
        var device = Rig.probed(unit, new TestDevice(name).withTlb(16), id);
        unit.identityDomain().orElseThrow().attachDev(device, Optional.empty());
        Rig.guest(unit, device).setDevPasid(device, 7, Optional.empty());
        return device;
    }

    @Test
    void aDeviceThatLeavesHoldsUpNobodysRequests() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = asking(unit, "gpu", GPU);
            asking(unit, "other", GPU + 8);
            rig.sink.gone = GPU;
            rig.model().requestPage(GPU, 7, 0x5000, RequestAccess.READ, 1, true);
            rig.model().requestPage(GPU + 8, 7, 0x6000, RequestAccess.READ, 2, true);
            unit.takePageRequests();
            assertThat(rig.sink.requests).isEmpty();
            unit.releaseDevice(gpu);
            assertThat(rig.sink.requests).extracting(PageRequest::sourceId).containsExactly(GPU + 8);
            assertThat(rig.told).contains("answer 0118 7 1 15").noneMatch(text -> text.startsWith("answer 0120"));
        }
    }

    /** The core lets go of a device before its driver is told that the unit is to be blocked. */
    @Test
    void whatNobodyTakesIsAnsweredWhenTheUnitIsLeftBlocked() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = asking(unit, "gpu", GPU);
            rig.sink.closed = true;
            rig.model().requestPage(GPU, 7, 0x5000, RequestAccess.READ, 1, true);
            rig.model().requestPage(GPU, 7, 0x6000, RequestAccess.READ, 2, true);
            unit.drainPageRequests(gpu, 7);
            assertThat(rig.told).noneMatch(text -> text.startsWith("answer"));
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.told).contains("answer 0118 7 1 1", "answer 0118 7 2 1");
        }
    }
}
