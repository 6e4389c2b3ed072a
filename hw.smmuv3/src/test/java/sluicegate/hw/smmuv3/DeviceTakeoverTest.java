package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.smmuv3.Rig.RW;

import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.types.Pasid;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.sim.smmuv3.StreamAccess;
import sluicegate.sim.smmuv3.TranslationEngine.AtsAnswer;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.PriqBaseRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** What devices that translate, send PASIDs and ask for pages notice when a driver takes over in place: nothing. */
class DeviceTakeoverTest {
    private static final int GPU = 0x10;
    private static final int PASID = 7;

    private static Smmuv3Unit accelerator(Smmuv3Unit unit, TestDevice gpu) {
        Rig.probed(unit, gpu, GPU);
        var own = Rig.domain(unit, gpu);
        Rig.map(own, 0x1000, 0x20_0000, 1, RW);
        Rig.attach(own, gpu);
        var domain = Rig.domain(unit, gpu, AllocFlag.PASID, AllocFlag.FAULTS);
        Rig.map(domain, 0x1000, 0x30_0000, 1, RW);
        domain.setDevPasid(gpu, PASID, Optional.empty());
        return unit;
    }

    private static void ask(Rig rig, long address, int group, boolean last) {
        rig.model().requestPage(GPU, PASID, address, StreamAccess.READ, group, last);
    }

    /** A rig whose unit was left translating for an accelerator. */
    private static Rig left(TestDevice gpu) {
        var rig = Rig.full();
        accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
        rig.toDevices.clear();
        return rig;
    }

    @Test
    void nothingIsSwitchedAtADeviceThatGoesOnWithWhatItHas() {
        var gpu = TestDevice.rich("gpu", 8);
        try (var rig = left(gpu).held()) {
            gpu.config().switched.clear();
            var watched = new WatchedMemory(rig.memory());
            rig.memory(real -> watched);
            var second = rig.start();
            var wrong = new ArrayList<Long>();
            watched.watch(address -> {
                var entry = second.walk(gpu, Pasid.NONE, 0).stream().filter(each -> each.entry().equals("stream table entry")).findFirst();
                var answer = rig.model().engine().translationRequest(GPU, PASID, 0x1000, false);
                if (StreamTableEntry.EATS.get(entry.orElseThrow().words().get(1)) != StreamTableEntry.EATS_FULL
                        || answer.status() != AtsAnswer.Status.SUCCESS || answer.address() != 0x30_0000) {
                    wrong.add(address);
                }
            });
            accelerator(second, gpu).adopted();
            watched.watch(address -> {});
            assertThat(wrong).isEmpty();
            assertThat(gpu.config().switched).isEmpty();
            assertThat(rig.toDevices).as("what it has cached of tables that go").contains("invalidate 10 all", "invalidate 10/7 all");
            second.leave(LeavePolicy.BLOCK);
            assertThat(gpu.config().switched).containsExactly("PRI off", "PRI off", "ATS off", "PASID off");
        }
    }

    @Test
    void pageRequestsWaitForThoseWhoServeThem() {
        var gpu = TestDevice.rich("gpu", 8);
        try (var rig = left(gpu).held()) {
            ask(rig, 0x5000, 1, false);
            ask(rig, 0x6000, 1, true);
            long queue = rig.registers().read64(PriqBaseRegister.OFFSET);
            var second = accelerator(rig.start(), gpu);
            ask(rig, 0x7000, 2, true);
            second.drainPageRequests(gpu, PASID);
            assertThat(rig.requests).as("nobody could serve them yet").isEmpty();
            second.adopted();
            assertThat(rig.requests).extracting(PageRequest::iova).containsExactly(0x5000L, 0x6000L, 0x7000L);
            assertThat(rig.toDevices).noneMatch(text -> text.startsWith("respond"));
            second.pageResponse(gpu, rig.requests.get(1), PageResponse.SUCCESS);
            assertThat(rig.toDevices).contains("respond 10/7 group 1 code 0");
            assertThat(rig.registers().read64(PriqBaseRegister.OFFSET)).isEqualTo(queue);
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).as("the fence, and no queue").isEqualTo(4096);
        }
    }

    /** The core lets go of devices before their driver is told to leave. */
    @Test
    void pageRequestsThatNobodyTakesBecauseTheDriverIsAboutToLeaveAreLeftToTheNextOne() {
        try (var rig = Rig.full()) {
            var gpu = TestDevice.rich("gpu", 8);
            var first = accelerator(rig.start(), gpu);
            rig.lettingGo = true;
            ask(rig, 0x5000, 1, true);
            first.drainPageRequests(gpu, PASID);
            ask(rig, 0x6000, 2, true);
            first.drainPageRequests(gpu, PASID);
            rig.lettingGo = false;
            first.drainPageRequests(gpu, PASID);
            assertThat(rig.requests).as("it does not change its mind").isEmpty();
            first.leave(LeavePolicy.KEEP);
            accelerator(rig.held().start(), gpu).adopted();
            assertThat(rig.requests).extracting(PageRequest::group).containsExactly(1, 2);
            assertThat(rig.toDevices).noneMatch(text -> text.startsWith("respond"));
        }
    }

    /** A device that asks unasked, while the core does not know it yet, must not keep others from being served. */
    @Test
    void aDriverThatStaysTakesPageRequestsAgain() {
        try (var rig = Rig.full()) {
            var gpu = TestDevice.rich("gpu", 8);
            var unit = accelerator(rig.start(), gpu);
            rig.lettingGo = true;
            ask(rig, 0x5000, 1, true);
            unit.drainPageRequests(gpu, PASID);
            rig.lettingGo = false;
            var nic = Rig.device(unit, "nic", 0x18);
            Rig.attach(Rig.domain(unit, nic), nic);
            assertThat(rig.requests).hasSize(1);
            rig.lettingGo = true;
            ask(rig, 0x6000, 2, true);
            unit.drainPageRequests(gpu, PASID);
            rig.lettingGo = false;
            unit.releaseDevice(nic);
            assertThat(rig.requests).hasSize(2);
        }
    }

    @Test
    void theQueueOfPageRequestsThatRanFullMeanwhileIsReportedAndGoesOn() {
        var gpu = TestDevice.rich("gpu", 8);
        try (var rig = left(gpu).held()) {
            for (int i = 0; i < 600; i++) {
                ask(rig, 0x10_0000 + 0x1000L * i, i & 0x1ff, true);
            }
            assertThat(rig.toDevices).as("what the unit answers by itself").hasSize(600 - 512);
            accelerator(rig.start(), gpu).adopted();
            assertThat(rig.requests).hasSize(512);
            assertThat(rig.overflows).hasValue(1);
            ask(rig, 0x5000, 1, true);
            ReportsTest.await(() -> rig.requests.size() == 513);
        }
    }

    /** Their entries are not left; whether the device knows answers with PASIDs was said there. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pageRequestsAreRefusedByADriverThatDoesNotTakeOver(boolean plainAnswers) {
        var gpu = TestDevice.rich("gpu", 8);
        if (plainAnswers) {
            gpu.config().takesPlainAnswers();
        }
        try (var rig = left(gpu)) {
            ask(rig, 0x5000, 1, false);
            ask(rig, 0x6000, 1, true);
            rig.start().leave(LeavePolicy.BLOCK);
            assertThat(rig.toDevices).containsExactly(plainAnswers ? "respond 10 group 1 code 1" : "respond 10/7 group 1 code 1");
            assertThat(rig.requests).isEmpty();
            assertThat(rig.arena().allocatedBytes()).as("the fence, and no queue").isEqualTo(4096);
        }
    }

    @Test
    void pageRequestsAreRefusedWhereTheTableOfStreamsCanNotBeGoneOnWith() {
        var gpu = TestDevice.rich("gpu", 8);
        try (var rig = Rig.full()) {
            rig.registers(real -> WindowFilter.changed(real, Idr1Register.OFFSET, idr1 -> Idr1Register.SIDSIZE.set(idr1, 9)));
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            rig.registers(real -> real);
            rig.toDevices.clear();
            ask(rig, 0x6000, 1, true);
            rig.held().start().leave(LeavePolicy.BLOCK);
            assertThat(rig.toDevices).containsExactly("respond 10/7 group 1 code 1");
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    /** PASIDs may not be switched on or off at a device that has ATS on (PCI Express 7.8.8). */
    @Test
    void aDeviceThatIsToSendPasidsOnlyNowStopsAskingForThat() {
        var gpu = TestDevice.rich("gpu", 8);
        try (var rig = Rig.full().idr1(Idr1Register.SSIDSIZE, 8)) {
            var wide = rig.registers();
            rig.registers(real -> WindowFilter.changed(real, Idr1Register.OFFSET, idr1 -> Idr1Register.SSIDSIZE.set(idr1, 0)));
            var first = rig.start();
            Rig.attach(Rig.domain(first, Rig.probed(first, gpu, GPU)), gpu);
            assertThat(gpu.config().pasidEnabled()).isFalse();
            first.leave(LeavePolicy.KEEP);
            gpu.config().switched.clear();
            rig.registers(real -> wide);
            accelerator(rig.held().start(), gpu).adopted();
            assertThat(gpu.config().switched).containsExactly("PRI off", "ATS off", "PASID on", "ATS on", "PRI reset", "PRI allocation 32",
                    "PRI on");
        }
    }

    @Test
    void aDeviceThatIsBlockedMeanwhileMayDoNothingAnyMore() {
        var gpu = TestDevice.rich("gpu", 8);
        try (var rig = left(gpu).held()) {
            var second = rig.start();
            Rig.probed(second, gpu, GPU);
            ask(rig, 0x5000, 1, true);
            assertThat(gpu.config().atsEnabled()).isTrue();
            second.adopted();
            assertThat(gpu.config().atsEnabled() || gpu.config().priEnabled()).isFalse();
            assertThat(rig.read(GPU, PASID, 0x1000)).isNegative();
            assertThat(rig.read(GPU, 0x1000)).isNegative();
        }
    }

    /** Whose it was may have ended, and others use the memory; what is there looks like a table that leads to one of the unit's pages. */
    @Test
    void tablesOfAnAddressSpaceAreNeitherFollowedNorGivenBack() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var gpu = Rig.probed(first, TestDevice.rich("gpu", 8), GPU);
            long top = 0x800_0000;
            long page = rig.arena().allocate(4096);
            rig.memory().set64(top, page | 0b11);
            first.domainAllocSva(gpu, new SharedTables(SharedTables.Format.ARM64_4K, top)).setDevPasid(gpu, PASID, Optional.empty());
            first.leave(LeavePolicy.KEEP);
            rig.held().start().adopted();
            assertThat(rig.arena().holds(page)).isTrue();
        }
    }

    /** An earlier driver may not have served page requests. */
    @Test
    void aDeviceThatMayAskForPagesOnlyNowDoesSoWhenTheyAreServed() {
        var gpu = TestDevice.rich("gpu", 8);
        try (var rig = Rig.full()) {
            var first = accelerator(rig.start(), gpu);
            first.allowPageRequests(gpu, false);
            first.leave(LeavePolicy.KEEP);
            var second = accelerator(rig.held().start(), gpu);
            assertThat(gpu.config().priEnabled()).isFalse();
            second.adopted();
            assertThat(gpu.config().priEnabled()).isTrue();
        }
    }
}
