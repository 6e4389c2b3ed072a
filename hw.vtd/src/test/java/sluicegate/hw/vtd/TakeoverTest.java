package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sluicegate.hw.vtd.Rig.RW;

import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.PageRequestEventDataRegister;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;
import sluicegate.spec.vtd.PageRequestStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** A driver goes on with what devices use and ask for while it takes over a unit in place. */
class TakeoverTest {
    private static final int GPU = 0x0118;
    private static final int PASID = 7;
    private static final long IOVA = 0x1000;
    private static final long TARGET = 0x20_0000;

    private static Rig full() {
        return Rig.scalable().ecap(ExtendedCapabilityRegister.PRS, 1).ecap(ExtendedCapabilityRegister.PDS, 1);
    }

    private static TestDevice gpu() {
        return new TestDevice("gpu", 0x030000).withTlb(16);
    }

    /** A device that translates without PASID and with one, and may ask for pages with that. */
    private static VtdUnit accelerator(VtdUnit unit, TestDevice gpu) {
        Rig.probed(unit, gpu, GPU);
        var requests = Rig.domain(unit, gpu);
        Rig.map(requests, IOVA, TARGET, 1, RW);
        requests.attachDev(gpu, Optional.empty());
        var process = unit.domainAllocPaging(gpu, Set.of(AllocFlag.FAULTS));
        Rig.map(process, IOVA, TARGET + 0x1000, 1, RW);
        process.setDevPasid(gpu, PASID, Optional.empty());
        return unit;
    }

    private static long root(Rig rig) {
        return RootTableAddressRegister.RTA.inPlace(rig.registers().read64(RootTableAddressRegister.OFFSET));
    }

    @Test
    void whatADeviceMayDoStaysOnFromTheFirstDriverToTheSecond() {
        try (var rig = full()) {
            var gpu = gpu();
            var first = accelerator(rig.start(), gpu);
            var written = new ArrayList<Integer>();
            gpu.config().onWrite(written::add);
            first.leave(LeavePolicy.KEEP);
            var second = accelerator(rig.held().start(), gpu);
            assertThat(rig.read(GPU, PASID, IOVA)).isEqualTo(TARGET + 0x1000);
            second.adopted();
            assertThat(written).as("writes to its configuration space").isEmpty();
            assertThat(gpu.pasidEnabled() && gpu.atsEnabled() && gpu.priEnabled()).isTrue();
            assertThat(rig.read(GPU, IOVA)).isEqualTo(TARGET);
            assertThat(rig.read(GPU, PASID, IOVA)).isEqualTo(TARGET + 0x1000);
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    /** Whatever it was told before that, it may have been told of the old tables once more. */
    @Test
    void theDevicesTlbIsEmptiedAfterHardwareHasForgottenTheOldTables() {
        try (var rig = full()) {
            var gpu = gpu();
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            long old = root(rig);
            var second = accelerator(rig.held().start(), gpu);
            rig.told.clear();
            assertThat(root(rig)).isEqualTo(old);
            second.adopted();
            assertThat(root(rig)).isNotEqualTo(old);
            assertThat(rig.told).contains("flush 0118 -1 0+0", "flush 0118 7 0+0");
        }
    }

    /** While old tables are in use they say what a device may ask for: one that they do not know of would be refused. */
    @Test
    void aDeviceAsksForNothingBeforeHardwareUsesTheEntriesThatAllowIt() {
        try (var rig = full()) {
            var first = rig.start();
            var gpu = Rig.probed(first, gpu(), GPU);
            first.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            first.leave(LeavePolicy.KEEP);
            long old = root(rig);
            var order = new ArrayList<Boolean>();
            gpu.config().onWrite(offset -> order.add(root(rig) == old));
            var second = accelerator(rig.held().start(), gpu);
            assertThat(order).isEmpty();
            assertThat(gpu.atsEnabled()).isFalse();
            second.adopted();
            assertThat(order).isNotEmpty().doesNotContain(true);
            assertThat(gpu.pasidEnabled() && gpu.atsEnabled() && gpu.priEnabled()).isTrue();
        }
    }

    @Test
    void whatTheNewEntriesDoNotAllowIsTakenFromADeviceBeforeHardwareUsesThem() {
        try (var rig = full()) {
            var gpu = gpu();
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            long old = root(rig);
            var second = rig.held().start();
            Rig.probed(second, gpu, GPU);
            assertThat(gpu.pasidEnabled() && gpu.atsEnabled() && gpu.priEnabled()).isTrue();
            var order = new ArrayList<Boolean>();
            gpu.config().onWrite(offset -> order.add(root(rig) == old));
            second.adopted();
            assertThat(gpu.pasidEnabled() || gpu.atsEnabled() || gpu.priEnabled()).isFalse();
            assertThat(order).isNotEmpty().doesNotContain(false);
            assertThat(rig.read(GPU, PASID, IOVA)).isNegative();
        }
    }

    /** Its TLB may say anything then, so it is used no more; everything else goes on. */
    @Test
    void aDeviceThatDoesNotAnswerGoesOnWithoutATlb() {
        try (var rig = full()) {
            var gpu = gpu();
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            rig.model().invalidationQueue().silence(GPU, true);
            var second = accelerator(rig.held().start(), gpu);
            second.adopted();
            assertThat(gpu.atsEnabled() || gpu.priEnabled()).isFalse();
            assertThat(rig.read(GPU, PASID, IOVA)).isEqualTo(TARGET + 0x1000);
            rig.model().invalidationQueue().silence(GPU, false);
            Rig.domain(second, gpu).attachDev(gpu, Optional.empty());
            assertThat(gpu.atsEnabled() && gpu.priEnabled()).isTrue();
        }
    }

    @Test
    void pageRequestsWaitForThoseWhoServeThem() {
        try (var rig = full()) {
            var gpu = gpu();
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            long queue = rig.registers().read64(PageRequestQueueAddressRegister.OFFSET);
            rig.model().requestPage(GPU, PASID, 0x5000, RequestAccess.READ, 1, false);
            rig.model().requestPage(GPU, PASID, 0x6000, RequestAccess.READ, 1, true);
            var second = accelerator(rig.held().start(), gpu);
            rig.model().requestPage(GPU, PASID, 0x7000, RequestAccess.WRITE, 2, true);
            second.drainPageRequests(gpu, PASID);
            assertThat(rig.pageRequests).as("nobody could serve them yet").isEmpty();
            second.adopted();
            assertThat(rig.pageRequests).extracting(PageRequest::iova).containsExactly(0x5000L, 0x6000L, 0x7000L);
            assertThat(rig.registers().read64(PageRequestQueueAddressRegister.OFFSET)).as("in place").isEqualTo(queue);
            assertThat(rig.told).noneMatch(told -> told.startsWith("answer"));
            second.pageResponse(gpu, rig.pageRequests.get(1), PageResponse.SUCCESS);
            assertThat(rig.told).contains("answer 0118 7 1 0");
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    /** A condition that stays pending makes no further interrupt. */
    @Test
    void theUnitInterruptsAgainForRequestsThatComeLater() {
        try (var rig = full()) {
            var gpu = gpu();
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            rig.model().requestPage(GPU, PASID, 0x5000, RequestAccess.READ, 1, true);
            accelerator(rig.held().start(), gpu).adopted();
            assertThat(PageRequestStatusRegister.PPR.isSet(rig.registers().read32(PageRequestStatusRegister.OFFSET))).isFalse();
            rig.model().requestPage(GPU, PASID, 0x6000, RequestAccess.READ, 2, true);
            Rig.await(() -> rig.pageRequests.size() == 2);
        }
    }

    /** The core lets go of devices before their driver is told to leave. */
    @Test
    void pageRequestsThatNobodyTakesBecauseTheDriverIsAboutToLeaveAreLeftToTheNextOne() {
        try (var rig = full()) {
            var gpu = gpu();
            var first = accelerator(rig.start(), gpu);
            rig.closed = true;
            rig.model().requestPage(GPU, PASID, 0x5000, RequestAccess.READ, 1, true);
            first.drainPageRequests(gpu, PASID);
            rig.model().requestPage(GPU, PASID, 0x6000, RequestAccess.READ, 2, true);
            first.leave(LeavePolicy.KEEP);
            rig.closed = false;
            accelerator(rig.held().start(), gpu).adopted();
            assertThat(rig.pageRequests).extracting(PageRequest::group).containsExactly(1, 2);
            assertThat(rig.told).noneMatch(told -> told.startsWith("answer"));
        }
    }

    /** What did not find room hardware has answered by itself. */
    @Test
    void aQueueThatRanFullMeanwhileGoesOn() {
        try (var rig = full()) {
            var gpu = gpu();
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            for (int i = 0; i < 514; i++) {
                rig.model().requestPage(GPU, PASID, 0x5000, RequestAccess.READ, i & 0x1ff, true);
            }
            assertThat(rig.told.stream().filter(told -> told.startsWith("answer"))).hasSize(3);
            accelerator(rig.held().start(), gpu).adopted();
            assertThat(rig.pageRequests).hasSize(511);
            assertThat(rig.overflows).hasValue(1);
            rig.model().requestPage(GPU, PASID, 0x6000, RequestAccess.READ, 1, true);
            Rig.await(() -> rig.pageRequests.size() == 512);
        }
    }

    /** A driver that uses legacy mode has neither PASIDs nor page requests: what waits for an answer gets one while there are any. */
    @Test
    void aDriverWithoutPageRequestsRefusesThoseThatAreLeft() {
        try (var rig = full().cap(CapabilityRegister.ESRTPS, 1)) {
            var gpu = gpu();
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            rig.model().requestPage(GPU, PASID, 0x5000, RequestAccess.READ, 1, true);
            var second = rig.held().legacyOnly().start();
            Rig.probed(second, gpu, GPU);
            assertThat(gpu.pasidEnabled() || gpu.atsEnabled() || gpu.priEnabled()).isFalse();
            var domain = Rig.domain(second, gpu);
            Rig.map(domain, IOVA, TARGET, 1, RW);
            domain.attachDev(gpu, Optional.empty());
            second.adopted();
            assertThat(rig.told).contains("answer 0118 7 1 1");
            assertThat(rig.pageRequests).isEmpty();
            assertThat(rig.registers().read64(PageRequestQueueAddressRegister.OFFSET)).isZero();
            assertThat(rig.read(GPU, IOVA)).isEqualTo(TARGET);
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    /** The next driver does not take over in place: its tables block at first, and it begins with a queue of its own. */
    @Test
    void aDriverThatBeginsAnewRefusesWhatIsLeft() {
        try (var rig = full()) {
            var gpu = gpu();
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            rig.model().requestPage(GPU, PASID, 0x5000, RequestAccess.READ, 1, true);
            var second = rig.start();
            assertThat(rig.told).contains("answer 0118 7 1 1");
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    @Test
    void inLegacyModeADeviceGoesOnAskingForTranslations() {
        try (var rig = full().legacyOnly()) {
            var gpu = gpu();
            legacy(rig.start(), gpu).leave(LeavePolicy.KEEP);
            var written = new ArrayList<Integer>();
            gpu.config().onWrite(written::add);
            var second = legacy(rig.held().start(), gpu);
            rig.told.clear();
            second.adopted();
            assertThat(written).isEmpty();
            assertThat(gpu.atsEnabled()).isTrue();
            assertThat(rig.told).contains("flush 0118 -1 0+0");
            assertThat(rig.model().translationRequest(GPU, Pasid.NONE, IOVA, false).address()).isEqualTo(TARGET);
        }
    }

    private static VtdUnit legacy(VtdUnit unit, TestDevice gpu) {
        Rig.probed(unit, gpu, GPU);
        var domain = Rig.domain(unit, gpu);
        Rig.map(domain, IOVA, TARGET, 1, RW);
        domain.attachDev(gpu, Optional.empty());
        return unit;
    }

    /** What has been taken for it is given back, and the unit goes on as it was found, with the queue that devices use. */
    @Test
    void aDriverThatFailsToStartLeavesTheUnitTranslating() {
        try (var rig = full()) {
            var gpu = gpu();
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            long left = rig.arena().allocatedBytes();
            long queue = rig.registers().read64(PageRequestQueueAddressRegister.OFFSET);
            rig.registers(real -> WindowFilter.never(real, GlobalStatusRegister.OFFSET, GlobalStatusRegister.QIES.mask()));
            assertThatThrownBy(rig.held()::start).isInstanceOf(IommuException.class);
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    if (offset == PageRequestEventDataRegister.OFFSET) {
                        throw new IommuException(Errno.EIO, "as the test says");
                    }
                    super.write32(offset, value);
                }
            });
            assertThatThrownBy(rig::start).hasMessage("as the test says");
            rig.registers(real -> real);
            for (int i = 0; i < 4; i++) {
                rig.scarce().failAfter(i);
                assertThatThrownBy(rig::start).isInstanceOf(IommuException.class);
            }
            assertThat(rig.read(GPU, PASID, IOVA)).isEqualTo(TARGET + 0x1000);
            assertThat(rig.read(GPU, Pasid.NONE, IOVA)).isEqualTo(TARGET);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(left);
            assertThat(rig.registers().read64(PageRequestQueueAddressRegister.OFFSET)).isEqualTo(queue);
        }
    }
}
