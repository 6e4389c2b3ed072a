package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.amdvi.CommandBufferTest.assertErrno;
import static sluicegate.hw.amdvi.Rig.RW;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.AmdviFeatures;
import sluicegate.firmware.AmdviFlag;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.Field;
import sluicegate.spec.amdvi.CommandBufferHeadRegister;
import sluicegate.spec.amdvi.CommandBufferTailRegister;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.EventLogTailRegister;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.PprLogBaseRegister;
import sluicegate.spec.amdvi.PprLogTailRegister;
import sluicegate.spec.amdvi.StatusRegister;

class UnitLifeTest {
    private static final int NIC = 0x0118;
    /** Device table, ring, semaphore, event log. */
    private static final long BOUND = DeviceTable.BYTES + 8192 + 4096 + 8192;
    private static final long PPR_LOG = 8192;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBoundUnitTranslatesWithEverySourceBlocked(boolean full) {
        try (var rig = full ? Rig.full() : Rig.minimal()) {
            rig.start();
            long control = rig.registers().read64(ControlRegister.OFFSET);
            for (var field : List.of(ControlRegister.IOMMUEN, ControlRegister.CMDBUFEN, ControlRegister.EVENTLOGEN,
                    ControlRegister.EVENTINTEN, ControlRegister.COHERENT)) {
                assertThat(field.isSet(control)).as(field.name()).isTrue();
            }
            for (int id : new int[] {0, NIC, 0xffff}) {
                assertThat(rig.read(id, 0x1000)).isNegative();
                assertThat(rig.write(id, 0x1000)).isNegative();
            }
            assertThat(rig.arena().allocatedBytes()).isEqualTo(BOUND + (full ? PPR_LOG : 0));
        }
    }

    @Test
    void whatFirmwareRecommendsIsSet() {
        try (var rig = Rig.full()) {
            rig.start();
            long control = rig.registers().read64(ControlRegister.OFFSET);
            assertThat(ControlRegister.INVTIMEOUT.get(control)).as("one second").isEqualTo(4);
            assertThat(ControlRegister.PASSPW.isSet(control)).isFalse();
            assertThat(ControlRegister.GTEN.isSet(control)).isTrue();
            assertThat(ControlRegister.PPREN.isSet(control)).isTrue();
            assertThat(ControlRegister.EPHEN.isSet(control)).isTrue();
        }
    }

    @Test
    void aUnitThatCannotTranslateIsRefusedUntouched() {
        refused(real -> WindowFilter.changed(real, ExtendedFeatureRegister.OFFSET, features -> -1L));
        refused(real -> WindowFilter.always(real, ExtendedFeatureRegister.OFFSET, ExtendedFeatureRegister.HATS.mask()));
        refused(real -> new WindowFilter(real) {
            @Override
            public long size() {
                return 0x1000;
            }
        });
    }

    private static void refused(UnaryOperator<RegisterWindow> view) {
        try (var rig = Rig.full().registers(view)) {
            assertErrno(Errno.ENODEV, rig::start);
            assertThat(rig.arena().allocatedBytes()).isZero();
            assertThat(rig.registers().read64(ControlRegister.OFFSET)).isZero();
        }
    }

    @Test
    void aStatusBitThatNeverComesIsATimeOutAndTheMemoryIsGivenBack() {
        for (Field status : List.of(StatusRegister.CMDBUFRUN, StatusRegister.EVENTLOGRUN, StatusRegister.PPRLOGRUN)) {
            try (var rig = Rig.full()) {
                rig.registers(real -> WindowFilter.never(real, StatusRegister.OFFSET, status.mask()));
                assertErrno(Errno.ETIMEDOUT, rig::start);
                assertThat(rig.arena().allocatedBytes()).as("after " + status.name() + " never came").isZero();
                assertThat(ControlRegister.IOMMUEN.isSet(rig.registers().read64(ControlRegister.OFFSET))).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavingBlockedFencesEverySourceWithTheDeviceTable(boolean full) {
        try (var rig = full ? Rig.full() : Rig.minimal()) {
            var unit = rig.start();
            translating(rig, unit);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(DeviceTable.BYTES);
            assertThat(rig.sink.faults).as("no interrupt after leaving").isEmpty();
        }
    }

    @Test
    void leavingBlockedTakesEverythingFromDevicesWithPasids() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = Rig.probed(unit, new TestDevice("gpu").withTlb(16), NIC);
            var domain = Rig.guest(unit, gpu);
            domain.attachDev(gpu, Optional.empty());
            var process = Rig.guest(unit, gpu);
            process.setDevPasid(gpu, 7, Optional.empty());
            Rig.map(process, 0x1000, 0x20_0000, 1, RW);
            assertThat(gpu.atsEnabled()).isTrue();
            unit.leave(LeavePolicy.BLOCK);
            assertThat(gpu.atsEnabled()).isFalse();
            assertThat(rig.read(NIC, 7, 0x1000)).isNegative();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(DeviceTable.BYTES);
        }
    }

    @Test
    void leavingKeptGoesOnTranslating() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            translating(rig, unit);
            unit.leave(LeavePolicy.KEEP);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(NIC, 0x1008)).isEqualTo(0x20_0008);
        }
    }

    @Test
    void faultsWithoutADriverWaitForTheNextOne() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            translating(rig, unit);
            unit.leave(LeavePolicy.KEEP);
            assertThat(rig.read(NIC, 0x5000)).isNegative();
            assertThat(rig.write(NIC + 1, 0x6000)).isNegative();
            assertThat(rig.sink.faults).as("nobody reads them").isEmpty();
            rig.start();
            assertThat(rig.sink.faults).extracting(fault -> fault.iova()).containsExactly(0x5000L, 0x6000L);
            assertThat(rig.sink.faults).extracting(fault -> fault.sourceId()).containsExactly(NIC, NIC + 1);
            assertThat(rig.sink.overflows.get()).isZero();
            assertThat(rig.arena().allocatedBytes()).as("the log that was left is given back").isEqualTo(BOUND + PPR_LOG);
            assertThat(rig.read(NIC, 0x7000)).as("logged in the new one").isNegative();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(BOUND + PPR_LOG);
        }
    }

    @Test
    void asManyFaultsWaitAsTheLogHasRoomForAndTheRestIsAnOverflow() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            translating(rig, unit);
            unit.leave(LeavePolicy.KEEP);
            for (int i = 0; i < 2000; i++) {
                assertThat(rig.read(NIC, 0x10_0000 + 0x1000L * i)).isNegative();
            }
            rig.start();
            assertThat(rig.sink.faults).hasSize(511).last().satisfies(fault -> assertThat(fault.iova()).isEqualTo(0x2f_e000));
            assertThat(rig.sink.overflows.get()).isEqualTo(1);
            assertThat(StatusRegister.EVENTLOGRUN.isSet(rig.registers().read64(StatusRegister.OFFSET))).isTrue();
        }
    }

    @Test
    void pageRequestsWithoutADriverWaitForTheNextOneWhichAnswersThem() {
        try (var rig = Rig.full()) {
            asking(rig.start());
            rig.model().requestPage(NIC, 7, 0x5000, RequestAccess.READ, 1, false);
            rig.model().requestPage(NIC, 7, 0x6000, RequestAccess.READ, 1, true);
            rig.model().requestPage(NIC, 7, 0, 0, 0, true);
            rig.model().requestPage(NIC, 8, 0x7000, RequestAccess.WRITE, 2, true);
            rig.told.clear();
            rig.start();
            assertThat(rig.told).as("one for each group, none for the stop marker")
                    .containsExactly("answer 0118 7 1 1", "answer 0118 8 2 1");
            assertThat(rig.sink.requests).isEmpty();
            assertThat(rig.sink.overflows.get()).isZero();
            assertThat(rig.arena().allocatedBytes()).as("the log that was left is given back").isEqualTo(BOUND + PPR_LOG);
        }
    }

    @Test
    void asManyPageRequestsWaitAsTheLogHasRoomForAndHardwareAnswersTheRest() {
        try (var rig = Rig.full()) {
            asking(rig.start());
            rig.told.clear();
            for (int i = 0; i < 600; i++) {
                rig.model().requestPage(NIC, 7, 0x1000L * i, RequestAccess.READ, i & 0x1f, true);
            }
            assertThat(rig.told).as("what does not fit is to be asked again").hasSize(89).allMatch(answer -> answer.endsWith(" 0"));
            rig.start();
            assertThat(rig.told).as("one answer each").hasSize(600);
            assertThat(rig.sink.overflows.get()).isEqualTo(1);
            assertThat(StatusRegister.PPRLOGRUN.isSet(rig.registers().read64(StatusRegister.OFFSET))).isTrue();
            assertThat(StatusRegister.PPROVERFLOW.isSet(rig.registers().read64(StatusRegister.OFFSET))).isFalse();
        }
    }

    /** A device with PASIDs that may ask for pages, and a driver that leaves it so. */
    private static void asking(AmdviUnit unit) {
        var gpu = Rig.probed(unit, new TestDevice("gpu").withTlb(16), NIC);
        Rig.guest(unit, gpu).attachDev(gpu, Optional.empty());
        Rig.guest(unit, gpu).setDevPasid(gpu, 7, Optional.empty());
        unit.leave(LeavePolicy.KEEP);
        assertThat(gpu.priEnabled()).isTrue();
    }

    /** Registers of a log that somebody left are input like any other. */
    @Test
    void aLogThatCannotBeIsTakenOverAllTheSame() {
        for (long register : new long[] {0, 0xf_ffff_ffff_f000L | 9L << 56, 0x1000 | 0xfL << 56, 0x2000 | 1L << 56}) {
            try (var rig = Rig.full()) {
                long enabled = ControlRegister.IOMMUEN.mask() | ControlRegister.EVENTLOGEN.mask() | ControlRegister.PPRLOGEN.mask();
                rig.registers().write64(EventLogBaseRegister.OFFSET, register);
                rig.registers().write64(EventLogTailRegister.OFFSET, 0x7fff0);
                rig.registers().write64(PprLogBaseRegister.OFFSET, register);
                rig.registers().write64(PprLogTailRegister.OFFSET, 0x7fff0);
                rig.registers().write64(ControlRegister.OFFSET, enabled);
                var unit = rig.start();
                assertThat(rig.sink.faults).isEmpty();
                assertThat(rig.arena().allocatedBytes()).isEqualTo(BOUND + PPR_LOG);
                translating(rig, unit);
            }
        }
    }

    /** Translation on in every control word means that no request passed untranslated. */
    @ParameterizedTest
    @ValueSource(strings = {"BLOCK", "KEEP"})
    void theNextDriverTakesOverWithoutSwitchingTranslationOff(LeavePolicy policy) {
        try (var rig = Rig.full()) {
            var controls = new ArrayList<Long>();
            var watching = new boolean[1];
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write64(long offset, long value) {
                    super.write64(offset, value);
                    if (offset == ControlRegister.OFFSET && watching[0]) {
                        controls.add(value);
                    }
                    // A device that never stops: it must find its old target or nothing at all.
                    long answer = watching[0] ? rig.read(NIC, 0x1000) : -1;
                    assertThat(answer < 0 || answer == 0x20_0000).isTrue();
                }
            });
            var first = rig.start();
            translating(rig, first);
            Rig.map(Rig.host(first, Rig.device(first, "disk", 0x0120)), 0x1000, 0x1000, 1, RW);
            first.leave(policy);
            watching[0] = true;
            var second = rig.start();
            assertThat(controls).hasSizeGreaterThan(3).allMatch(value -> ControlRegister.IOMMUEN.isSet(value));
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            assertThat(rig.arena().allocatedBytes()).as("what the first left is given back").isEqualTo(BOUND + PPR_LOG);
            watching[0] = false;
            translating(rig, second);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            second.leave(LeavePolicy.BLOCK);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void theDeviceTableHasAsManySegmentsAsTheUnitKnows(int segments) {
        var largest = new AtomicLong();
        try (var rig = new Rig(new AmdviFeatures(EnumSet.of(AmdviFlag.INVALIDATE_ALL), 4, 4, 1, 0, 48, segments))
                .arena(real -> watching(real, largest))) {
            var unit = rig.start();
            assertThat(largest).hasValue(DeviceTable.BYTES / segments);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(BOUND);
            for (int id : new int[] {0, 0x1fff, 0x2000, 0x7fff, 0x8000, 0xffff}) {
                assertThat(rig.read(id, 0x1000)).isNegative();
                var device = Rig.device(unit, "device " + id, id);
                var domain = Rig.host(unit, device);
                Rig.map(domain, 0x1000, 0x20_0000 + id * 0x1000L, 1, RW);
                domain.attachDev(device, Optional.empty());
                assertThat(rig.read(id, 0x1000)).isEqualTo(0x20_0000 + id * 0x1000L);
                assertThat(unit.walk(device, Pasid.NONE, 0x1000)).last()
                        .satisfies(step -> assertThat(step.outcome()).startsWith(Hex.of(0x20_0000 + id * 0x1000L)));
            }
            unit.leave(LeavePolicy.KEEP);
            rig.start();
            assertThat(rig.arena().allocatedBytes()).as("what was left is given back").isEqualTo(BOUND);
        }
    }

    private static MemoryArena watching(MemoryArena real, AtomicLong largest) {
        return new MemoryArena() {
            @Override
            public long allocate(long size) {
                largest.accumulateAndGet(size, Math::max);
                return real.allocate(size);
            }

            @Override
            public void free(long address, long size) {
                real.free(address, size);
            }

            @Override
            public long allocatedBytes() {
                return real.allocatedBytes();
            }
        };
    }

    /** The driver before, or firmware, need not have used as many segments. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aTableThatIsDividedOtherwiseIsTakenOverWithoutARequestThatPasses(int bits) {
        int[] ids = {NIC, 0x1fff, 0x2118, 0x4118, 0xa118, 0xffff};
        try (var rig = Rig.full()) {
            var watching = new boolean[1];
            rig.registers(real -> new WindowFilter(watching[0] ? real : WindowFilter.changed(real, ExtendedFeatureRegister.OFFSET,
                    features -> ExtendedFeatureRegister.DEVTBLSEGSUP.set(features, bits))) {
                @Override
                public void write64(long offset, long value) {
                    super.write64(offset, value);
                    for (int id : watching[0] ? ids : new int[0]) {
                        long answer = rig.read(id, 0x1000);
                        assertThat(answer < 0 || answer == 0x20_0000 + id * 0x1000L).as("%x after %x", id, offset).isTrue();
                    }
                }
            });
            var first = rig.start();
            for (int id : ids) {
                var device = Rig.device(first, "device " + id, id);
                var domain = Rig.host(first, device);
                Rig.map(domain, 0x1000, 0x20_0000 + id * 0x1000L, 1, RW);
                domain.attachDev(device, Optional.empty());
            }
            first.leave(LeavePolicy.KEEP);
            watching[0] = true;
            rig.start();
            assertThat(rig.arena().allocatedBytes()).as("what was left is given back").isEqualTo(BOUND + PPR_LOG);
            assertThat(ControlRegister.DEVTBLSEGEN.get(rig.registers().read64(ControlRegister.OFFSET))).isEqualTo(3);
            for (int id : ids) {
                assertThat(rig.read(id, 0x1000)).isNegative();
            }
        }
    }

    @Test
    void guestTablesThatWereLeftAreGivenBackToo() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var gpu = Rig.probed(first, new TestDevice("gpu").withTlb(20), NIC);
            var domain = Rig.guest(first, gpu);
            domain.attachDev(gpu, Optional.empty());
            domain.setDevPasid(gpu, 0xf_ffff, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            first.leave(LeavePolicy.KEEP);
            assertThat(rig.read(NIC, 0xf_ffff, 0x1000)).isEqualTo(0x20_0000);
            rig.start();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(BOUND + PPR_LOG);
        }
    }

    /** What an earlier driver, or firmware, left may be anything. */
    @Test
    void tablesThatAreBrokenAreTakenOverAllTheSame() {
        var random = new Random(4);
        for (int round = 0; round < 8; round++) {
            try (var rig = Rig.full()) {
                var first = rig.start();
                translating(rig, first);
                long table = DeviceTableBaseRegister.BASE.inPlace(rig.registers().read64(DeviceTableBaseRegister.OFFSET));
                first.leave(LeavePolicy.KEEP);
                for (int i = 0; i < 2000; i++) {
                    rig.memory().set64(table + (random.nextInt((int) DeviceTable.BYTES) & ~7),
                            random.nextLong() & 0x0fff_fffL | random.nextInt(4));
                }
                var second = rig.start();
                assertThat(rig.read(NIC, 0x1000)).isNegative();
                translating(rig, second);
            }
        }
    }

    @Test
    void leavingWaitsForWhatIsUnderWay() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            unit.leave(LeavePolicy.KEEP);
            assertThat(rig.registers().read64(CommandBufferHeadRegister.OFFSET))
                    .isEqualTo(rig.registers().read64(CommandBufferTailRegister.OFFSET));
            assertThat(ControlRegister.CMDBUFEN.isSet(rig.registers().read64(ControlRegister.OFFSET))).isFalse();
        }
    }

    @Test
    void aUnitSaysWhatItCanDo() {
        try (var rig = Rig.full(); var plain = Rig.minimal()) {
            var unit = rig.start();
            var minimal = plain.start();
            var nic = Rig.probed(unit, new TestDevice("nic").withTlb(16), NIC);
            assertThat(unit.capable(nic, Capability.PCI_ATS_SUPPORTED)).isTrue();
            assertThat(unit.capable(nic, Capability.DIRTY_TRACKING)).isTrue();
            assertThat(unit.capable(nic, Capability.NOEXEC)).isFalse();
            assertThat(unit.maxPasids()).isEqualTo(1 << 20);
            assertThat(minimal.capable(nic, Capability.PCI_ATS_SUPPORTED)).isFalse();
            assertThat(minimal.capable(nic, Capability.DIRTY_TRACKING)).isFalse();
            assertThat(minimal.capable(nic, Capability.CACHE_COHERENCY)).isTrue();
            assertThat(minimal.maxPasids()).isZero();
        }
    }

    private static void translating(Rig rig, AmdviUnit unit) {
        var nic = Rig.device(unit, "nic", NIC);
        var domain = Rig.host(unit, nic);
        Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
        domain.attachDev(nic, Optional.empty());
        assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
    }
}
