package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static sluicegate.hw.smmuv3.Rig.RW;
import static sluicegate.hw.smmuv3.Rig.fault;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.platform.PlatformDevice;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.sim.smmuv3.StreamAccess;
import sluicegate.sim.smmuv3.TranslationEngine;
import sluicegate.sim.unit.UnitModel.Refusal;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.EventqConsRegister;
import sluicegate.spec.smmuv3.EventqProdRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.IrqCtrlAckRegister;
import sluicegate.spec.smmuv3.IrqCtrlRegister;

/** Events, stalls and page requests. */
class ReportsTest {
    private static final int NIC = 0x10;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited in vain").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** The driver believes that it has switched interrupts on; none comes, so that queues fill. */
    private static Rig withoutInterrupts() {
        return Rig.full().registers(real -> new WindowFilter(real) {
            private int enabled;

            @Override
            public void write32(long offset, int value) {
                if (offset == IrqCtrlRegister.OFFSET) {
                    enabled = value;
                } else {
                    super.write32(offset, value);
                }
            }

            @Override
            public int read32(long offset) {
                return offset == IrqCtrlAckRegister.OFFSET ? enabled : super.read32(offset);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void eventsAreReportedByInterrupt(String kind) {
        try (var rig = Rig.of(kind)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 1, Prot.READ);
            Rig.attach(domain, nic);
            assertThat(rig.write(NIC, 0x1008)).isEqualTo(fault(EventType.F_PERMISSION));
            assertThat(rig.read(NIC, 0x7_0000)).isEqualTo(fault(EventType.F_TRANSLATION));
            await(() -> rig.faults.size() == 2);
            assertThat(rig.faults.get(0).name()).isEqualTo("F_PERMISSION");
            assertThat(rig.faults.get(0).access()).isEqualTo(Access.WRITE);
            assertThat(rig.faults.get(0).iova()).isEqualTo(0x1008);
            assertThat(rig.faults.get(1).sourceId()).isEqualTo(NIC);
            assertThat(rig.faults.get(1).pasid()).isEqualTo(Pasid.NONE);
            await(() -> rig.registers().read32(EventqProdRegister.OFFSET) == rig.registers().read32(EventqConsRegister.OFFSET));
        }
    }

    @Test
    void moreEventsThanFitInAreAnOverflowAndTheQueueGoesOn() {
        try (var rig = withoutInterrupts()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            Rig.attach(Rig.domain(unit, nic), nic);
            for (int i = 0; i < 300; i++) {
                rig.read(NIC, 0x1_0000L + i * 4096L);
            }
            unit.blockedDomain().setDevPasid(nic, 1, java.util.Optional.empty());
            assertThat(rig.faults).hasSize(256);
            assertThat(rig.overflows).hasValue(1);
            rig.read(NIC, 0x5000);
            unit.blockedDomain().setDevPasid(nic, 1, java.util.Optional.empty());
            assertThat(rig.faults).hasSize(257);
            assertThat(rig.overflows).hasValue(1);
        }
    }

    @Test
    void brokenIndicesOfTheEventQueueKeepNobody() {
        try (var rig = Rig.full()) {
            rig.registers(real -> WindowFilter.changed(real, EventqProdRegister.OFFSET, value -> 0x1f0));
            var unit = rig.start();
            assertThat(rig.overflows.get()).isPositive();
            unit.leave(LeavePolicy.BLOCK);
        }
    }

    private static Smmuv3Unit stalling(Rig rig, TestDevice device) {
        var unit = rig.start();
        Rig.probed(unit, device, NIC);
        var domain = Rig.domain(unit, device);
        Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
        Rig.attach(domain, device);
        return unit;
    }

    private static TestDevice stallingDevice() {
        return TestDevice.platform("accelerator", Map.of(PlatformDevice.CAN_STALL, "yes"));
    }

    @Test
    void aStalledTransactionWaitsForItsPage() throws Exception {
        try (var rig = Rig.full()) {
            var device = stallingDevice();
            var unit = stalling(rig, device);
            var master = (Master) device.driverData().orElseThrow();
            long answer = rig.read(NIC, 0x5008);
            assertThat(TranslationEngine.isStalled(answer)).isTrue();
            await(() -> !rig.requests.isEmpty());
            var request = rig.requests.get(0);
            assertThat(request.iova()).isEqualTo(0x5008);
            assertThat(request.last()).isTrue();
            assertThat(request.prot() & RW).isEqualTo(Prot.READ);
            var pool = Executors.newSingleThreadExecutor();
            try {
                Future<Refusal> outcome = pool.submit(() -> rig.model().settle(answer));
                Rig.map(master.domain(), 0x5000, 0x30_0000, 1, RW);
                unit.pageResponse(device, request, PageResponse.SUCCESS);
                assertThat(outcome.get()).isEqualTo(Refusal.RETRY);
            } finally {
                pool.shutdownNow();
            }
            assertThat(rig.read(NIC, 0x5008)).isEqualTo(0x30_0008);
            assertThat(rig.faults).isEmpty();
        }
    }

    @Test
    void aStallThatNobodyWantsIsAFaultAndAborts() {
        try (var rig = Rig.full()) {
            var device = stallingDevice();
            var unit = stalling(rig, device);
            long answer = rig.write(NIC, 0x6000);
            await(() -> !rig.requests.isEmpty());
            unit.pageResponse(device, rig.requests.get(0), PageResponse.INVALID);
            assertThat(rig.model().settle(answer)).isEqualTo(Refusal.FAULT);
            assertThat(rig.faults).singleElement().satisfies(fault -> {
                assertThat(fault.name()).isEqualTo("F_TRANSLATION");
                assertThat(fault.reason()).contains("stalled with tag 0");
            });
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stallsEndWithTheDeviceOrTheDriver(boolean release) {
        try (var rig = Rig.full()) {
            var device = stallingDevice();
            var unit = stalling(rig, device);
            long answer = rig.write(NIC, 0x6000);
            await(() -> !rig.requests.isEmpty());
            if (release) {
                unit.releaseDevice(device);
            } else {
                unit.leave(LeavePolicy.BLOCK);
            }
            assertThat(rig.model().settle(answer)).isEqualTo(Refusal.FAULT);
        }
    }

    /** What waits when a driver leaves a unit translating tries once more, and waits for the next one as what stalls after that. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stallsOfAUnitThatIsKeptTranslatingWaitForTheNextDriver(boolean inPlace) {
        try (var rig = Rig.full()) {
            var device = stallingDevice();
            var unit = stalling(rig, device);
            long answer = rig.write(NIC, 0x6000);
            await(() -> !rig.requests.isEmpty());
            rig.requests.clear();
            unit.leave(LeavePolicy.KEEP);
            assertThat(rig.model().settle(answer)).isEqualTo(Refusal.RETRY);
            long again = rig.write(NIC, 0x6000);
            assertThat(TranslationEngine.isStalled(again)).isTrue();
            if (!inPlace) {
                rig.start();
                // The model gives up by itself after ten seconds.
                assertTimeout(Duration.ofSeconds(5), () -> assertThat(rig.model().settle(again)).as("its device is blocked")
                        .isEqualTo(Refusal.FAULT));
                return;
            }
            var next = rig.held().start();
            var known = Rig.probed(next, stallingDevice(), NIC);
            var domain = Rig.domain(next, known);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            Rig.attach(domain, known);
            assertThat(rig.requests).as("nobody to serve it yet").isEmpty();
            next.adopted();
            assertThat(rig.requests).singleElement().satisfies(request -> assertThat(request.iova()).isEqualTo(0x6000));
            Rig.map(domain, 0x6000, 0x30_0000, 1, RW);
            next.pageResponse(known, rig.requests.get(0), PageResponse.SUCCESS);
            assertThat(rig.model().settle(again)).isEqualTo(Refusal.RETRY);
            assertThat(rig.write(NIC, 0x6000)).isEqualTo(0x30_0000);
        }
    }

    @Test
    void pciFunctionsAndDevicesOfSeveralStreamsDoNotStall() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var two = Rig.probed(unit, TestDevice.platform("two", Map.of(PlatformDevice.CAN_STALL, "yes")), 0x20, 0x21);
            Rig.attach(Rig.domain(unit, two), two);
            assertThat(rig.read(0x20, 0x5000)).isEqualTo(fault(EventType.F_TRANSLATION));
            var nic = Rig.device(unit, "nic", NIC);
            Rig.attach(Rig.domain(unit, nic), nic);
            assertThat(rig.read(NIC, 0x5000)).isEqualTo(fault(EventType.F_TRANSLATION));
        }
        try (var rig = Rig.full().idr0(Idr0Register.STALL_MODEL, Idr0Register.STALL_ONLY)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            Rig.attach(Rig.domain(unit, nic), nic);
            assertThat(TranslationEngine.isStalled(rig.read(NIC, 0x5000))).as("the unit has no choice").isTrue();
        }
    }

    @Test
    void pageRequestsAreHandedOnAndAnswered() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 8), NIC);
            Rig.attach(Rig.domain(unit, nic), nic);
            rig.toDevices.clear();
            rig.model().requestPage(NIC, 5, 0x1234_5000L, StreamAccess.READ, 9, false);
            rig.model().requestPage(NIC, 5, 0x1234_6000L, StreamAccess.READ | StreamAccess.WRITE, 9, true);
            await(() -> rig.requests.size() == 2);
            assertThat(rig.requests).containsExactly(
                    new PageRequest(NIC, 5, 0x1234_5000L, Prot.READ | Prot.NOEXEC, 9, false),
                    new PageRequest(NIC, 5, 0x1234_6000L, RW | Prot.NOEXEC, 9, true));
            unit.pageResponse(nic, rig.requests.get(1), PageResponse.SUCCESS);
            unit.pageResponse(nic, rig.requests.get(1), PageResponse.INVALID);
            unit.pageResponse(nic, rig.requests.get(1), PageResponse.FAILURE);
            assertThat(rig.toDevices).containsExactly("respond 10/5 group 9 code 0", "respond 10/5 group 9 code 1",
                    "respond 10/5 group 9 code 15");
        }
    }

    @Test
    void anAnswerHasAPasidOnlyForDevicesThatWantIt() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = TestDevice.rich("nic", 8);
            nic.config().takesPlainAnswers();
            Rig.probed(unit, nic, NIC);
            var request = new PageRequest(NIC, 5, 0x1000, Prot.READ, 9, true);
            unit.pageResponse(nic, request, PageResponse.SUCCESS);
            assertThat(rig.toDevices).containsExactly("respond 10 group 9 code 0");
        }
    }

    /** PASIDs before translations before page requests, and back; what is asked for last is taken from the queue. */
    @Test
    void pageRequestsAreSwitchedOnLastAndOffFirst() {
        try (var rig = withoutInterrupts()) {
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 8), NIC);
            var config = nic.config();
            assertThat(config.switched).containsExactly("PRI off", "ATS off", "PASID on");
            config.switched.clear();
            var domain = Rig.domain(unit, nic);
            Rig.attach(domain, nic);
            assertThat(config.switched).containsExactly("ATS on", "PRI reset", "PRI allocation 32", "PRI on");
            config.switched.clear();

            rig.model().requestPage(NIC, Pasid.NONE, 0x1000, StreamAccess.READ, 1, true);
            assertThat(rig.requests).as("no interrupt comes").isEmpty();
            Rig.attach(unit.blockedDomain(), nic);
            assertThat(config.switched).containsExactly("PRI off", "ATS off");
            assertThat(rig.requests).hasSize(1);

            Rig.attach(domain, nic);
            config.switched.clear();
            unit.releaseDevice(nic);
            assertThat(config.switched).containsExactly("PRI off", "ATS off", "PASID off");
        }
    }

    @Test
    void aUnitWithoutAQueueForThemLeavesPageRequestsOff() {
        try (var rig = Rig.full().idr0(Idr0Register.PRI, 0)) {
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 8), NIC);
            Rig.attach(Rig.domain(unit, nic), nic);
            assertThat(nic.config().atsEnabled()).isTrue();
            assertThat(nic.config().priEnabled()).isFalse();
        }
    }

    @Test
    void stopMarkersAreSilentAndStrangersAreRefused() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            rig.model().requestPage(NIC, 5, 0, 0, 0, true);
            rig.model().requestPage(0x77, Pasid.NONE, 0x5000, StreamAccess.READ, 3, true);
            await(() -> !rig.toDevices.isEmpty());
            assertThat(rig.toDevices).containsExactly("respond 77 group 3 code 1");
            assertThat(rig.requests).isEmpty();
            unit.releaseDevice(nic);
        }
    }

    /** It was on its way when the device was told to ask no more. */
    @Test
    void aRequestThatComesWhileTheQueueIsSwitchedOffIsAnswered() {
        var asks = new AtomicBoolean();
        try (var rig = Rig.full()) {
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    if (offset == Cr0Register.OFFSET && !Cr0Register.PRIQEN.isSet(value) && asks.getAndSet(false)) {
                        rig.model().requestPage(NIC, 5, 0x1000, StreamAccess.READ, 7, true);
                    }
                    super.write32(offset, value);
                }
            });
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 8), NIC);
            Rig.attach(Rig.domain(unit, nic), nic);
            unit.releaseDevice(nic);
            rig.toDevices.clear();
            asks.set(true);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.toDevices).containsExactly("respond 10/5 group 7 code 1");
        }
    }

    /** It was on its way when the device was told to ask no more, and arrives when there is another driver that does not know it yet. */
    @Test
    void aRequestThatComesAsTheQueueIsSwitchedOnAgainIsAnswered() {
        var asks = new AtomicBoolean();
        try (var rig = Rig.full()) {
            rig.start().leave(LeavePolicy.BLOCK);
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    super.write32(offset, value);
                    if (offset == Cr0Register.OFFSET && Cr0Register.PRIQEN.isSet(value) && asks.getAndSet(false)) {
                        rig.model().requestPage(NIC, 5, 0x1000, StreamAccess.READ, 7, true);
                    }
                }
            });
            rig.toDevices.clear();
            asks.set(true);
            rig.start();
            assertThat(rig.toDevices).containsExactly("respond 10/5 group 7 code 1");
        }
    }

    /** The queue is one of the places where a request can be on its way: when the call returns none is there any more. */
    @Test
    void blockingAPasidWaitsForTheRequestsInTheQueue() {
        try (var rig = withoutInterrupts()) {
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 8), NIC);
            var domain = Rig.domain(unit, nic);
            domain.setDevPasid(nic, 5, java.util.Optional.empty());
            rig.model().requestPage(NIC, 5, 0x1000, StreamAccess.READ, 1, true);
            assertThat(rig.requests).as("no interrupt comes").isEmpty();
            unit.blockedDomain().setDevPasid(nic, 5, java.util.Optional.of(domain));
            assertThat(rig.requests).hasSize(1);
        }
    }

    @Test
    void aWalkTellsEachStep() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            domain.mapPages(0x4000_0000, 0x4000_0000, 1 << 30, 1, RW);
            Rig.attach(domain, nic);
            assertThat(unit.walk(nic, Pasid.NONE, 0x1008)).extracting(step -> step.entry()).containsExactly("SMMU_STRTAB_BASE_CFG",
                    "level 1 stream table descriptor", "stream table entry", "context descriptor", "stage 1 level 0 descriptor",
                    "stage 1 level 1 descriptor", "stage 1 level 2 descriptor", "stage 1 level 3 descriptor");
            assertThat(unit.walk(nic, Pasid.NONE, 0x1008)).last()
                    .satisfies(step -> assertThat(step.outcome()).isEqualTo("physical address 0x200008"));
            assertThat(unit.walk(nic, Pasid.NONE, 0x4000_1008)).hasSize(6).last().satisfies(step -> {
                assertThat(step.outcome()).isEqualTo("physical address 0x40001008");
                assertThat(step.fields()).isNotEmpty();
            });
            assertThat(unit.walk(nic, Pasid.NONE, 0x9000)).last().satisfies(step -> assertThat(step.outcome()).startsWith("F_TRANSLATION"));
            assertThat(unit.walk(nic, Pasid.NONE, 1L << 50)).last()
                    .satisfies(step -> assertThat(step.outcome()).startsWith("F_TRANSLATION"));
            assertThat(unit.walk(nic, 3, 0x1000)).last().satisfies(step -> assertThat(step.outcome()).startsWith("C_BAD_SUBSTREAMID"));
            Rig.attach(unit.identityDomain().orElseThrow(), nic);
            assertThat(unit.walk(nic, Pasid.NONE, 0x1008)).last()
                    .satisfies(step -> assertThat(step.outcome()).isEqualTo("the address passes unchanged: 0x1008"));
            Rig.attach(unit.blockedDomain(), nic);
            assertThat(unit.walk(nic, Pasid.NONE, 0x1008)).last()
                    .satisfies(step -> assertThat(step.outcome()).isEqualTo("every request of the stream aborts"));
            var far = TestDevice.pci("far");
            far.addId(0x1_0000);
            far.addId(0x9900);
            assertThat(unit.walk(far, Pasid.NONE, 0)).singleElement()
                    .satisfies(step -> assertThat(step.outcome()).startsWith("C_BAD_STREAMID"));
        }
    }
}
