package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.vtd.ScalableAttachTest.assertFails;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;

/** What devices ask for: the page request queue, its checks, answers and the drain. */
class PageRequestTest {
    private static final int GPU = 0x0118;
    private static final int READ = RequestAccess.READ;
    private static final int WRITE = RequestAccess.WRITE;

    private static Rig full() {
        return Rig.scalable().ecap(ExtendedCapabilityRegister.PRS, 1).ecap(ExtendedCapabilityRegister.PDS, 1)
                .ecap(ExtendedCapabilityRegister.SRS, 1).ecap(ExtendedCapabilityRegister.ERS, 1);
    }

    /** A device with a served domain under PASID 7. */
    private static TestDevice gpu(VtdUnit unit) {
        var gpu = Rig.probed(unit, new TestDevice("gpu", 0x030000).withTlb(16), GPU);
        unit.domainAllocPaging(gpu, Set.of(AllocFlag.FAULTS)).setDevPasid(gpu, 7, Optional.empty());
        return gpu;
    }

    @Test
    void requestsReachTheCoreAndAnswersTheDevice() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            rig.model().requestPage(GPU, 7, 0x5000, READ | WRITE, 3, false);
            rig.model().requestPage(GPU, 7, 0x6000, READ, 3, true);
            Rig.await(() -> rig.pageRequests.size() == 2);
            var last = new PageRequest(GPU, 7, 0x6000, Prot.READ | Prot.NOEXEC, 3, true);
            assertThat(rig.pageRequests).containsExactly(
                    new PageRequest(GPU, 7, 0x5000, Prot.READ | Prot.WRITE | Prot.NOEXEC, 3, false), last);
            rig.told.clear();
            unit.pageResponse(gpu, last, PageResponse.SUCCESS);
            unit.pageResponse(gpu, last, PageResponse.INVALID);
            unit.pageResponse(gpu, last, PageResponse.FAILURE);
            assertThat(rig.told).isEqualTo(List.of("answer 0118 7 3 0", "answer 0118 7 3 1", "answer 0118 7 3 15"));
        }
    }

    @Test
    void requestsWithoutPasidAreServedToo() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = Rig.probed(unit, new TestDevice("gpu", 0x030000).withTlb(16), GPU);
            unit.domainAllocPaging(gpu, Set.of(AllocFlag.FAULTS)).attachDev(gpu, Optional.empty());
            rig.model().requestPage(GPU, Pasid.NONE, 0x5000, READ, 1, true);
            Rig.await(() -> rig.pageRequests.size() == 1);
            unit.pageResponse(gpu, rig.pageRequests.get(0), PageResponse.SUCCESS);
            assertThat(rig.told).contains("answer 0118 -1 1 0");
        }
    }

    @Test
    void whatMakesNoSenseIsInvalidAndAStopMarkerIsNothing() {
        try (var rig = full()) {
            var unit = rig.start();
            gpu(unit);
            // Directly into the queue: what the unit itself would refuse must not get through either.
            for (boolean last : new boolean[] {true, false}) {
                rig.putPageRequest(new PageRequest(GPU, 7, 1L << 50, Prot.READ, last ? 1 : 9, last), false, false);
                rig.putPageRequest(new PageRequest(GPU, 7, 0x5000, Prot.READ, last ? 2 : 9, last), true, false);
                rig.putPageRequest(new PageRequest(GPU, 7, 0x5000, Prot.READ, last ? 3 : 9, last), false, true);
            }
            rig.putPageRequest(new PageRequest(0x0330, 7, 0x5000, Prot.READ, 4, true), false, false);
            rig.putPageRequest(new PageRequest(GPU, 7, 0, 0, 5, true), false, false);
            rig.model().requestPage(GPU, 7, 0x5000, READ, 6, true);
            Rig.await(() -> rig.pageRequests.size() == 1);
            assertThat(rig.pageRequests).extracting(PageRequest::group).containsExactly(6);
            assertThat(rig.told).contains("answer 0118 7 1 1", "answer 0118 7 2 1", "answer 0118 7 3 1", "answer 0330 7 4 1")
                    .noneMatch(told -> told.startsWith("answer 0118 7 5") || told.startsWith("answer 0118 7 9"));
        }
    }

    @Test
    void aQueueThatWasFullGoesOnWhenItIsEmpty() {
        try (var rig = full()) {
            var unit = rig.start();
            gpu(unit);
            var busy = rig.keepInterruptsBusy();
            int room = 511;
            for (int i = 0; i < room + 3; i++) {
                rig.model().requestPage(GPU, 7, 0x5000, READ, i & 0x1ff, false);
            }
            assertThat(rig.pageRequests).isEmpty();
            busy.run();
            Rig.await(() -> rig.overflows.get() == 1);
            assertThat(rig.pageRequests).hasSize(room);
            rig.model().requestPage(GPU, 7, 0x7000, READ, 1, true);
            Rig.await(() -> rig.pageRequests.size() == room + 1);
        }
    }

    /** When a PASID is gone, nothing that was asked for under it comes any more: it was handed on before. */
    @Test
    void whatWasAskedForIsHandedOnBeforeADrainReturns() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            unit.domainAllocPaging(gpu, Set.of(AllocFlag.FAULTS)).setDevPasid(gpu, 8, Optional.empty());
            var busy = rig.keepInterruptsBusy();
            rig.model().requestPage(GPU, 7, 0x5000, READ, 1, true);
            unit.blockedDomain().setDevPasid(gpu, 7, Optional.empty());
            rig.told.clear();
            unit.drainPageRequests(gpu, 7);
            assertThat(rig.pageRequests).hasSize(1);
            assertThat(rig.told).as("the TLB is emptied as part of it").contains("flush 0118 -1 0+0", "flush 0118 8 0+0");
            rig.model().requestPage(GPU, 8, 0x5000, READ, 2, true);
            unit.blockedDomain().setDevPasid(gpu, 8, Optional.empty());
            assertThat(gpu.priEnabled()).as("nobody serves page requests any more").isFalse();
            assertThat(rig.pageRequests).hasSize(2);
            busy.run();
        }
    }

    /** The order of 7.10: older answers go out before the TLB is emptied, and what the device sent before it answers that has arrived. */
    @Test
    void aDrainIsAFenceInvalidationsAndAWaitThatDrains() {
        var taps = new ArrayList<DescriptorTap>();
        try (var rig = full()) {
            rig.registers(real -> {
                taps.add(new DescriptorTap(real, rig.memory()));
                return taps.get(0);
            });
            var unit = rig.start();
            var gpu = gpu(unit);
            var tap = taps.get(0);
            tap.takeWithWaits();
            unit.drainPageRequests(gpu, 7);
            var drain = tap.takeWithWaits();
            assertThat(drain).extracting(DescriptorTap.Descriptor::type).containsExactly(DescriptorType.WAIT, DescriptorType.IOTLB,
                    DescriptorType.DEVICE_TLB, DescriptorType.PASID_DEVICE_TLB, DescriptorType.WAIT);
            assertThat(InvalidationWaitDescriptor.FN.isSet(drain.get(0).low())).isTrue();
            assertThat(InvalidationWaitDescriptor.PD.isSet(drain.get(4).low())).isTrue();
        }
    }

    @Test
    void leavingBlockedTakesTheQueueFromTheUnit() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            assertThat(gpu.priEnabled()).isTrue();
            unit.leave(LeavePolicy.BLOCK);
            assertThat(gpu.priEnabled()).isFalse();
            assertThat(rig.registers().read64(PageRequestQueueAddressRegister.OFFSET)).isZero();
            assertThat(rig.read(GPU, 7, 0x5000)).isNegative();
        }
    }

    /** The core lets go of a device before its driver is told that the unit is to be blocked. */
    @Test
    void whatNobodyTakesIsAnsweredWhenTheUnitIsLeftBlocked() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            rig.closed = true;
            rig.model().requestPage(GPU, 7, 0x5000, READ, 1, true);
            rig.model().requestPage(GPU, 7, 0x6000, READ, 2, true);
            unit.drainPageRequests(gpu, 7);
            assertThat(rig.told).noneMatch(told -> told.startsWith("answer"));
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.told).contains("answer 0118 7 1 1", "answer 0118 7 2 1");
        }
    }

    @Test
    void aUnitWithoutPageRequestsServesNone() {
        try (var rig = full().ecap(ExtendedCapabilityRegister.PRS, 0)) {
            var unit = rig.start();
            var gpu = Rig.probed(unit, new TestDevice("gpu", 0x030000).withTlb(16), GPU);
            assertFails(Errno.EOPNOTSUPP, "ECAP_REG.PRS", () -> unit.domainAllocPaging(gpu, Set.of(AllocFlag.FAULTS)));
            Rig.domain(unit, gpu).attachDev(gpu, Optional.empty());
            assertThat(gpu.priEnabled()).isFalse();
        }
    }
}
