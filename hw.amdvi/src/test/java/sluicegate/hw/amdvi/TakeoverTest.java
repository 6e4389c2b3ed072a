package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sluicegate.hw.amdvi.Rig.RW;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.AmdviFeatures;
import sluicegate.firmware.AmdviFlag;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.StatusRegister;

/** A driver takes over in place what another one has left translating: no request of a device is lost or goes anywhere else. */
class TakeoverTest {
    private static final int NIC = 0x0118;
    private static final int DISK = 0x0120;
    private static final int PASID = 7;

    /** Looks after each write of a register, and so in each state that a driver brings the unit through. */
    static RegisterWindow looking(RegisterWindow real, Runnable look) {
        return new WindowFilter(real) {
            @Override
            public void write64(long offset, long value) {
                super.write64(offset, value);
                look.run();
            }

            @Override
            public void write32(long offset, int value) {
                super.write32(offset, value);
                look.run();
            }
        };
    }

    private static void host(AmdviUnit unit, TestDevice device) {
        var domain = Rig.host(unit, device);
        Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
        domain.attachDev(device, Optional.empty());
    }

    /** Every register that the next driver writes, and every device that it attaches, finds DMA going on. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void requestsGoOnWhileTheNextDriverWritesItsOwnTables(int segmentBits) {
        var features = new AmdviFeatures(EnumSet.of(AmdviFlag.INVALIDATE_ALL), 6, 4, 1, 0, 48, 1 << segmentBits);
        try (var rig = new Rig(features)) {
            var takingOver = new AtomicBoolean();
            rig.registers(real -> looking(real,
                    () -> assertThat(takingOver.get() ? rig.read(NIC, 0x1000) : 0x20_0000).isEqualTo(0x20_0000)));
            var first = rig.start();
            long empty = rig.arena().allocatedBytes();
            host(first, Rig.device(first, "nic", NIC));
            host(first, Rig.device(first, "disk", 0xff20));
            first.leave(LeavePolicy.KEEP);
            takingOver.set(true);
            var second = rig.held().start();
            host(second, Rig.device(second, "nic", NIC));
            assertThat(rig.read(0xff20, 0x1000)).as("nobody has attached it yet").isEqualTo(0x20_0000);
            second.adopted();
            assertThat(rig.read(0xff20, 0x1000)).as("nobody has attached it until now").isNegative();
            takingOver.set(false);
            assertThat(rig.arena().allocatedBytes()).as("one device's tables").isLessThan(empty + (32 << 10));
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).as("the fence").isEqualTo(DeviceTable.BYTES);
        }
    }

    /** A device with PASIDs: what it has switched on stays on, and all that it does goes on. */
    @Test
    void requestsWithPasidsGoOnToo() {
        try (var rig = Rig.full()) {
            var takingOver = new AtomicBoolean();
            rig.registers(real -> looking(real, () -> {
                if (takingOver.get()) {
                    assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
                    assertThat(rig.read(NIC, PASID, 0x1000)).isEqualTo(0x30_0000);
                }
            }));
            var gpu = new TestDevice("gpu").withTlb(16);
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            var changes = new AtomicInteger();
            gpu.config().onWrite(offset -> changes.incrementAndGet());
            takingOver.set(true);
            rig.told.clear();
            var second = accelerator(rig.held().start(), gpu);
            assertThat(rig.told).contains("flush 0118 -1 0+0");
            rig.told.clear();
            second.adopted();
            assertThat(rig.told).as("what the device itself had cached").contains("flush 0118 -1 0+0");
            assertThat(changes).as("writes to its configuration space").hasValue(0);
            assertThat(gpu.pasidEnabled() && gpu.atsEnabled() && gpu.priEnabled()).isTrue();
            takingOver.set(false);
            second.leave(LeavePolicy.BLOCK);
            assertThat(gpu.pasidEnabled() || gpu.atsEnabled() || gpu.priEnabled()).isFalse();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(DeviceTable.BYTES);
        }
    }

    private static AmdviUnit accelerator(AmdviUnit unit, TestDevice gpu) {
        Rig.probed(unit, gpu, NIC);
        var domain = Rig.guest(unit, gpu);
        Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
        domain.attachDev(gpu, Optional.empty());
        var process = Rig.guest(unit, gpu);
        Rig.map(process, 0x1000, 0x30_0000, 1, RW);
        process.setDevPasid(gpu, PASID, Optional.empty());
        return unit;
    }

    /** Whose it was may have ended, and others use the memory; what is there looks like a table that leads to one of the unit's pages. */
    @Test
    void tablesOfAnAddressSpaceAreNeitherFollowedNorGivenBack() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var gpu = Rig.probed(first, new TestDevice("gpu").withTlb(16), NIC);
            Rig.guest(first, gpu).attachDev(gpu, Optional.empty());
            long top = 0x300_0000;
            long page = rig.arena().allocate(4096);
            rig.memory().set64(top, page | 0b111);
            var format = first.sharedFormats(gpu).iterator().next();
            first.domainAllocSva(gpu, new SharedTables(format, top)).setDevPasid(gpu, PASID, Optional.empty());
            first.leave(LeavePolicy.KEEP);
            rig.held().start().adopted();
            assertThat(rig.arena().holds(page)).isTrue();
        }
    }

    /** Entries that are in use may not allow what a device could do with the new ones. */
    @Test
    void aDeviceBeginsNothingNewBeforeTheNewEntriesAreInUse() {
        try (var rig = Rig.full()) {
            var gpu = new TestDevice("gpu").withTlb(16);
            host(rig.start(), gpu, false);
            var second = rig.held().start();
            host(second, gpu, true);
            assertThat(gpu.atsEnabled()).isFalse();
            second.adopted();
            assertThat(gpu.atsEnabled()).isTrue();
        }
    }

    private static void host(AmdviUnit unit, TestDevice gpu, boolean stay) {
        host(unit, Rig.probed(unit, gpu, NIC));
        if (!stay) {
            unit.leave(LeavePolicy.KEEP);
            gpu.config().write16(TestDevice.ATS + 6, 0);
        }
    }

    @Test
    void aDeviceThatIsBlockedMeanwhileMayDoNothingAnyMore() {
        try (var rig = Rig.full()) {
            var gpu = new TestDevice("gpu").withTlb(16);
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            var second = rig.held().start();
            Rig.probed(second, gpu, NIC);
            assertThat(gpu.atsEnabled()).isTrue();
            second.adopted();
            assertThat(gpu.pasidEnabled() || gpu.atsEnabled() || gpu.priEnabled()).isFalse();
            assertThat(rig.read(NIC, PASID, 0x1000)).isNegative();
        }
    }

    /** Its table of PASIDs, which it keeps for the time after a reset, is in no entry where the next driver could find it. */
    @Test
    void whatABlockedDeviceHasIsGivenBackBeforeTheNextDriverComes() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var gpu = Rig.probed(first, new TestDevice("gpu").withTlb(16), NIC);
            Rig.guest(first, gpu).attachDev(gpu, Optional.empty());
            first.blockedDomain().attachDev(gpu, Optional.empty());
            first.leave(LeavePolicy.KEEP);
            var second = rig.held().start();
            second.adopted();
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).as("the fence").isEqualTo(DeviceTable.BYTES);
        }
    }

    @Test
    void domainIdsOfEntriesThatStillTranslateAreNotGivenToOthers() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var nic = Rig.device(first, "nic", NIC);
            first.identityDomain().orElseThrow().attachDev(nic, Optional.empty());
            host(first, Rig.device(first, "disk", DISK));
            first.leave(LeavePolicy.KEEP);
            var second = rig.held().start();
            assertThat(second.domainIds().allocate()).as("1 and 2 are in use, and 3 is identity").isEqualTo(4);
            second.adopted();
            assertThat(List.of(second.domainIds().allocate(), second.domainIds().allocate())).containsExactly(1, 2);
        }
    }

    @Test
    void faultsAreReportedAndNoneIsLostBecauseTheirLogGoesOn() {
        try (var rig = Rig.full()) {
            var stopped = new AtomicBoolean();
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write64(long offset, long value) {
                    if (offset == ControlRegister.OFFSET && !ControlRegister.EVENTLOGEN.isSet(value)) {
                        stopped.set(true);
                    }
                    super.write64(offset, value);
                }
            });
            var first = rig.start();
            host(first, Rig.device(first, "nic", NIC));
            first.leave(LeavePolicy.KEEP);
            long log = rig.registers().read64(EventLogBaseRegister.OFFSET);
            assertThat(rig.read(NIC, 0x5000)).isNegative();
            stopped.set(false);
            var second = rig.held().start();
            assertThat(rig.sink.faults).extracting(fault -> fault.iova()).containsExactly(0x5000L);
            host(second, Rig.device(second, "nic", NIC));
            second.adopted();
            assertThat(stopped).isFalse();
            assertThat(rig.registers().read64(EventLogBaseRegister.OFFSET)).isEqualTo(log);
            assertThat(rig.read(NIC, 0x6000)).isNegative();
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.sink.faults).extracting(fault -> fault.iova()).containsExactly(0x5000L, 0x6000L);
        }
    }

    @Test
    void aLogThatRanFullMeanwhileIsStartedAgain() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            host(first, Rig.device(first, "nic", NIC));
            first.leave(LeavePolicy.KEEP);
            for (int i = 0; i < 600; i++) {
                assertThat(rig.read(NIC, 0x10_0000 + 0x1000L * i)).isNegative();
            }
            rig.held().start();
            assertThat(rig.sink.faults).hasSize(511);
            assertThat(rig.sink.overflows).hasValue(1);
            assertThat(StatusRegister.EVENTLOGRUN.isSet(rig.registers().read64(StatusRegister.OFFSET))).isTrue();
        }
    }

    /** A fault between the last interrupt that the old driver took and the moment in which it forbids them. */
    @Test
    void aFaultThatNobodyWasInterruptedForDoesNotSilenceTheUnit() {
        try (var rig = Rig.full()) {
            var leaving = new AtomicBoolean();
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write64(long offset, long value) {
                    if (leaving.get() && offset == ControlRegister.OFFSET && !ControlRegister.EVENTINTEN.isSet(value)) {
                        leaving.set(false);
                        assertThat(rig.read(NIC, 0x5000)).isNegative();
                    }
                    super.write64(offset, value);
                }
            });
            var first = rig.start();
            host(first, Rig.device(first, "nic", NIC));
            leaving.set(true);
            first.leave(LeavePolicy.KEEP);
            assertThat(StatusRegister.EVENTLOGINT.isSet(rig.registers().read64(StatusRegister.OFFSET))).isTrue();
            rig.held().start();
            assertThat(rig.sink.faults).hasSize(1);
            assertThat(StatusRegister.EVENTLOGINT.isSet(rig.registers().read64(StatusRegister.OFFSET)))
                    .as("or the next fault sends no message").isFalse();
        }
    }

    @Test
    void pageRequestsWaitForThoseWhoServeThem() {
        try (var rig = Rig.full()) {
            var gpu = new TestDevice("gpu").withTlb(16);
            accelerator(rig.start(), gpu).leave(LeavePolicy.KEEP);
            rig.model().requestPage(NIC, PASID, 0x5000, RequestAccess.READ, 1, false);
            rig.model().requestPage(NIC, PASID, 0x6000, RequestAccess.READ, 1, true);
            rig.told.clear();
            var second = accelerator(rig.held().start(), gpu);
            rig.model().requestPage(NIC, PASID, 0x7000, RequestAccess.WRITE, 2, true);
            second.drainPageRequests(gpu, PASID);
            assertThat(rig.sink.requests).as("nobody could serve them yet").isEmpty();
            second.adopted();
            assertThat(rig.sink.requests).extracting(PageRequest::iova).containsExactly(0x5000L, 0x6000L, 0x7000L);
            assertThat(rig.told).noneMatch(text -> text.startsWith("answer"));
            second.pageResponse(gpu, rig.sink.requests.get(1), PageResponse.SUCCESS);
            assertThat(rig.told).contains("answer 0118 7 1 0");
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(DeviceTable.BYTES);
        }
    }

    /** The core lets go of devices before their driver is told to leave. */
    @Test
    void pageRequestsThatNobodyTakesBecauseTheDriverIsAboutToLeaveAreLeftToTheNextOne() {
        try (var rig = Rig.full()) {
            var gpu = new TestDevice("gpu").withTlb(16);
            var first = accelerator(rig.start(), gpu);
            rig.sink.closed = true;
            rig.model().requestPage(NIC, PASID, 0x5000, RequestAccess.READ, 1, true);
            first.drainPageRequests(gpu, PASID);
            rig.model().requestPage(NIC, PASID, 0x6000, RequestAccess.READ, 2, true);
            first.leave(LeavePolicy.KEEP);
            rig.sink.closed = false;
            assertThat(rig.sink.requests).isEmpty();
            accelerator(rig.held().start(), gpu).adopted();
            assertThat(rig.sink.requests).extracting(PageRequest::group).containsExactly(1, 2);
            assertThat(rig.told).noneMatch(text -> text.startsWith("answer"));
        }
    }

    @Test
    void whatIsAboutRemappedInterruptsGoesAlong() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            host(first, Rig.device(first, "nic", NIC));
            long place = first.deviceTable().addressOf(NIC) + 16;
            long remapped = DeviceTableEntry.IV.mask() | DeviceTableEntry.INTTABLEN.set(0, 3) | 0x40_0000L | DeviceTableEntry.INTCTL.set(0, 2);
            rig.memory().set64(place, rig.memory().get64(place) | remapped);
            first.leave(LeavePolicy.KEEP);
            var second = rig.held().start();
            host(second, Rig.device(second, "nic", NIC));
            second.adopted();
            assertThat(second.deviceTable().addressOf(NIC) + 16).isNotEqualTo(place);
            assertThat(rig.memory().get64(second.deviceTable().addressOf(NIC) + 16)).isEqualTo(remapped);
        }
    }

    /** What has been taken for it is given back, and the unit goes on as it was found. */
    @Test
    void aDriverThatFailsToStartLeavesTheUnitTranslating() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            host(first, Rig.device(first, "nic", NIC));
            first.leave(LeavePolicy.KEEP);
            long left = rig.arena().allocatedBytes();
            rig.registers(real -> WindowFilter.never(real, StatusRegister.OFFSET, StatusRegister.CMDBUFRUN.mask()));
            assertThatThrownBy(rig.held()::start).isInstanceOf(IommuException.class);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(left);
        }
    }

    /** Nothing of it is what a driver of this platform leaves; it is only said to be. */
    @Test
    void whatWasLeftMayBeAnything() {
        try (var rig = Rig.full()) {
            rig.registers().write64(DeviceTableBaseRegister.OFFSET, 0xf_ffff_ffff_f000L | 0x1ff);
            rig.registers().write64(EventLogBaseRegister.OFFSET, 0xf_ffff_ffff_f000L | 9L << 56);
            rig.registers().write64(ControlRegister.OFFSET, ControlRegister.IOMMUEN.mask() | ControlRegister.EVENTLOGEN.mask()
                    | ControlRegister.PPRLOGEN.mask());
            var unit = rig.held().start();
            host(unit, Rig.device(unit, "nic", NIC));
            unit.adopted();
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(DeviceTable.BYTES);
        }
    }
}
