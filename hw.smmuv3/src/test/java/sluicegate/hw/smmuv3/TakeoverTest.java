package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.smmuv3.Rig.RW;
import static sluicegate.hw.smmuv3.Rig.assertErrno;
import static sluicegate.hw.smmuv3.Rig.fault;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.rig.ScarceArena;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.sim.smmuv3.TranslationEngine;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqProdRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;

/** A driver takes over in place a unit that the one before left translating. */
class TakeoverTest {
    private static final int NIC = 0x10;
    private static final int DISK = 0x18;
    private static final int IDLE = 0x20;
    private static final int BLOCKED = 0x28;
    private static final int PASID = 0x2_1234;

    /** After every store of the new driver: what memory says of the request, and what hardware makes of it. */
    private static final class Watch {
        private final Rig rig;
        private final WatchedMemory memory;
        private final TreeSet<String> seen = new TreeSet<>();
        private int stores;

        Watch(Rig rig) {
            this.rig = rig;
            this.memory = new WatchedMemory(rig.memory());
            rig.memory(real -> memory);
        }

        void watch(Smmuv3Unit unit, TestDevice device, int pasid, long iova) {
            memory.watch(address -> {
                stores++;
                var steps = unit.walk(device, pasid, iova);
                seen.add("memory: " + steps.get(steps.size() - 1).outcome());
                seen.add("hardware: " + Long.toHexString(rig.read(device.ids().get(0), pasid, iova)));
            });
        }

        void assertAlways(long address) {
            memory.watch(each -> {});
            assertThat(stores).isPositive();
            assertThat(seen).containsExactly("hardware: " + Long.toHexString(address),
                    "memory: physical address 0x" + Long.toHexString(address));
            seen.clear();
            stores = 0;
        }
    }

    private static DriverDomain mapped(Smmuv3Unit unit, TestDevice device, long iova, long address, AllocFlag... flags) {
        var domain = Rig.domain(unit, device, flags);
        Rig.map(domain, iova, address, 1, RW);
        return domain;
    }

    private static void kept(Rig rig, Smmuv3Unit unit) {
        unit.leave(LeavePolicy.KEEP);
        rig.held();
    }

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full", "enhanced"})
    void everyRequestMeetsTheOldEntryOrTheNewOne(String kind) {
        try (var rig = Rig.of(kind)) {
            var watch = new Watch(rig);
            var first = rig.start();
            long bound = rig.arena().allocatedBytes();
            Rig.attach(mapped(first, Rig.device(first, "nic", NIC), 0x1000, 0x20_0000), Rig.device(first, "twin", IDLE));
            var nic = Rig.device(first, "nic", DISK);
            Rig.attach(mapped(first, nic, 0x1000, 0x20_0000), nic);
            long attached = rig.arena().allocatedBytes();
            kept(rig, first);
            for (int i = 0; i < 3; i++) {
                var second = rig.start();
                assertThat(rig.read(DISK, 0x1000)).isEqualTo(0x20_0000);
                var again = Rig.device(second, "nic", DISK);
                watch.watch(second, again, -1, 0x1000);
                Rig.attach(mapped(second, again, 0x1000, 0x20_0000), again);
                second.adopted();
                watch.assertAlways(0x20_0000);
                assertThat(rig.read(IDLE, 0x1000)).as("nobody wanted this one").isEqualTo(TranslationEngine.ABORTED);
                assertThat(rig.arena().allocatedBytes()).as("tables of one device").isLessThan(attached);
                kept(rig, second);
            }
            var last = rig.start();
            last.adopted();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(bound + (kind.equals("minimal") ? 0 : 64 << 8));
        }
    }

    /** Stage 2 has VMID and table in two words, and nested and plain stage 1 differ in even more. */
    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void fromStageToStageToo(boolean before, boolean after) {
        try (var rig = Rig.full()) {
            var watch = new Watch(rig);
            var first = rig.start();
            var nic = Rig.device(first, "nic", NIC);
            Rig.attach(mapped(first, nic, 0x1000, 0x20_0000, stage(before)), nic);
            kept(rig, first);
            var second = rig.start();
            var again = Rig.device(second, "nic", NIC);
            watch.watch(second, again, -1, 0x1000);
            Rig.attach(mapped(second, again, 0x1000, 0x20_0000, stage(after)), again);
            second.adopted();
            watch.assertAlways(0x20_0000);
        }
    }

    private static AllocFlag[] stage(boolean two) {
        return two ? new AllocFlag[] {AllocFlag.NEST_PARENT} : new AllocFlag[0];
    }

    /** A linear table of streams has no word that leads to an entry, so some changes can't be made unseen. */
    @Test
    void inALinearTableAStageTwoIsRefusedForAMomentButNothingElse() {
        try (var rig = Rig.full().idr0(Idr0Register.ST_LEVEL, 0).idr1(Idr1Register.SIDSIZE, 8)) {
            var watch = new Watch(rig);
            var first = rig.start();
            var nic = Rig.device(first, "nic", NIC);
            Rig.attach(mapped(first, nic, 0x1000, 0x20_0000, AllocFlag.NEST_PARENT), nic);
            kept(rig, first);
            var second = rig.start();
            var again = Rig.device(second, "nic", NIC);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            watch.watch(second, again, -1, 0x1000);
            Rig.attach(mapped(second, again, 0x1000, 0x20_0000, AllocFlag.NEST_PARENT), again);
            second.adopted();
            assertThat(watch.seen).contains("hardware: 200000", "hardware: " + Long.toHexString(fault(EventType.C_BAD_STE)))
                    .filteredOn(seen -> seen.startsWith("hardware")).hasSize(2);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
        }
    }

    @ParameterizedTest
    @CsvSource({"20,1", "8,1", "8,0"})
    void pasidsGoAlongAndAreReplacedOneByOne(int bits, int twoLevels) {
        try (var rig = Rig.full().idr0(Idr0Register.CD2L, twoLevels)) {
            int pasid = PASID & (1 << bits) - 1;
            var watch = new Watch(rig);
            var first = rig.start();
            long bound = rig.arena().allocatedBytes();
            var nic = Rig.probed(first, TestDevice.rich("nic", bits), NIC);
            Rig.attach(mapped(first, nic, 0x1000, 0x20_0000), nic);
            mapped(first, nic, 0x1000, 0x30_0000, AllocFlag.PASID).setDevPasid(nic, pasid, Optional.empty());
            mapped(first, nic, 0x1000, 0x40_0000, AllocFlag.PASID).setDevPasid(nic, 5, Optional.empty());
            kept(rig, first);
            var second = rig.start();
            var again = Rig.probed(second, TestDevice.rich("nic", bits), NIC);
            watch.watch(second, again, pasid, 0x1000);
            Rig.attach(mapped(second, again, 0x1000, 0x20_0000), again);
            watch.assertAlways(0x30_0000);
            watch.watch(second, again, pasid, 0x1000);
            mapped(second, again, 0x1000, 0x30_0000, AllocFlag.PASID).setDevPasid(again, pasid, Optional.empty());
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(0x40_0000);
            second.adopted();
            watch.assertAlways(0x30_0000);
            assertThat(rig.read(NIC, 5, 0x1000)).as("nobody has attached this one again").isEqualTo(fault(EventType.C_BAD_CD));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            kept(rig, second);
            rig.start().adopted();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(bound + (64 << 8));
        }
    }

    /** What goes on while requests without a PASID are blocked or pass. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pasidsGoAlongBesideAnyDomainOfTheDevice(boolean identity) {
        try (var rig = Rig.full()) {
            var watch = new Watch(rig);
            var first = rig.start();
            var nic = Rig.probed(first, TestDevice.rich("nic", 20), NIC);
            mapped(first, nic, 0x1000, 0x30_0000, AllocFlag.PASID).setDevPasid(nic, PASID, Optional.empty());
            if (identity) {
                Rig.attach(first.identityDomain().orElseThrow(), nic);
            }
            kept(rig, first);
            var second = rig.start();
            var again = Rig.probed(second, TestDevice.rich("nic", 20), NIC);
            watch.watch(second, again, PASID, 0x1000);
            Rig.attach(identity ? second.identityDomain().orElseThrow() : second.blockedDomain(), again);
            mapped(second, again, 0x1000, 0x30_0000, AllocFlag.PASID).setDevPasid(again, PASID, Optional.empty());
            second.adopted();
            watch.assertAlways(0x30_0000);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(identity ? 0x1000 : fault(EventType.F_STREAM_DISABLED));
        }
    }

    @Test
    void whatIsNotAttachedAgainAbortsFromThenOn() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var nic = Rig.device(first, "nic", NIC);
            Rig.attach(mapped(first, nic, 0x1000, 0x20_0000), nic);
            Rig.attach(first.identityDomain().orElseThrow(), Rig.device(first, "idle", IDLE));
            Rig.device(first, "blocked", BLOCKED);
            kept(rig, first);
            var second = rig.start();
            Rig.device(second, "nic", NIC);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(IDLE, 0x7000)).isEqualTo(0x7000);
            assertThat(rig.read(BLOCKED, 0x7000)).isEqualTo(TranslationEngine.ABORTED);
            second.adopted();
            for (int sid : new int[] {NIC, IDLE, BLOCKED}) {
                assertThat(rig.read(sid, 0x7000)).isEqualTo(TranslationEngine.ABORTED);
            }
        }
    }

    /** What hardware has cached of the old tables must not answer a request to the new ones. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void newTablesHaveOtherTagsThanOldOnes(boolean second) {
        try (var rig = Rig.full()) {
            var before = rig.start();
            var nic = Rig.device(before, "nic", NIC);
            Rig.attach(mapped(before, nic, 0x1000, 0x20_0000, stage(second)), nic);
            kept(rig, before);
            var unit = rig.start();
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            var disk = Rig.device(unit, "disk", DISK);
            Rig.attach(mapped(unit, disk, 0x1000, 0x30_0000, stage(second)), disk);
            assertThat(rig.read(DISK, 0x1000)).isEqualTo(0x30_0000);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            unit.adopted();
            // The tag is free again, and nothing is cached with it.
            var next = Rig.device(unit, "nic", NIC);
            Rig.attach(mapped(unit, next, 0x1000, 0x40_0000, stage(second)), next);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x40_0000);
        }
    }

    /** Registers that may not be written while what they describe is on (6.3.24 to 6.3.28), and switches that have to stay on. */
    private static RegisterWindow guarded(RegisterWindow real) {
        return new WindowFilter(real) {
            @Override
            public void write32(long offset, int value) {
                assertThat(offset).isNotIn((long) StrtabBaseCfgRegister.OFFSET, (long) EventqProdRegister.OFFSET);
                assertThat(offset != Cr0Register.OFFSET || Cr0Register.SMMUEN.isSet(value) && Cr0Register.EVENTQEN.isSet(value)).isTrue();
                super.write32(offset, value);
            }

            @Override
            public void write64(long offset, long value) {
                assertThat(offset).isNotIn((long) StrtabBaseRegister.OFFSET, (long) EventqBaseRegister.OFFSET);
                super.write64(offset, value);
            }
        };
    }

    @Test
    void eventsThatCameMeanwhileAreReportedWhenDevicesAreKnown() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var nic = Rig.device(first, "nic", NIC);
            Rig.attach(mapped(first, nic, 0x1000, 0x20_0000), nic);
            kept(rig, first);
            rig.registers(TakeoverTest::guarded);
            assertThat(rig.read(NIC, 0x5000)).isEqualTo(fault(EventType.F_TRANSLATION));
            var second = rig.start();
            assertThat(rig.read(NIC, 0x6000)).isEqualTo(fault(EventType.F_TRANSLATION));
            var again = Rig.device(second, "nic", NIC);
            Rig.attach(mapped(second, again, 0x1000, 0x20_0000), again);
            assertThat(rig.faults).isEmpty();
            second.adopted();
            assertThat(rig.faults).extracting(record -> record.iova()).containsExactly(0x5000L, 0x6000L);
            assertThat(rig.read(NIC, 0x7000)).isEqualTo(fault(EventType.F_TRANSLATION));
            second.drainReports();
            assertThat(rig.faults).hasSize(3);
            second.leave(LeavePolicy.KEEP);
            rig.registers(real -> real);
            rig.start().leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    /** Translation goes on until it ends well or nothing goes on: not even what was left translating. */
    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void aTakeoverThatFailsForWantOfMemoryLeavesTheUnitBlockedAndNothingBehind(String kind) {
        int failures = 0;
        for (boolean failed = true; failed; failures += failed ? 1 : 0) {
            try (var rig = Rig.of(kind)) {
                var first = rig.start();
                var nic = Rig.device(first, "nic", NIC);
                Rig.attach(mapped(first, nic, 0x1000, 0x20_0000), nic);
                kept(rig, first);
                var scarce = new ScarceArena(rig.arena());
                scarce.failAfter(failures);
                rig.arena(real -> scarce);
                try {
                    rig.start();
                    failed = false;
                } catch (IommuException e) {
                    assertThat(e.errno()).isEqualTo(Errno.ENOMEM);
                    assertThat(rig.read(NIC, 0x1000)).isNegative();
                    assertThat(rig.arena().allocatedBytes()).isZero();
                    UnitLifeTest.translating(rig.arena(real -> real), rig.start(), NIC);
                }
            }
        }
        assertThat(failures).isPositive();
    }

    /** Blocking needs no memory, whatever was left. */
    @Test
    void withoutMemoryForWhatPasidsHaveTheyAreBlockedWithTheirDevice() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var nic = Rig.probed(first, TestDevice.rich("nic", 20), NIC);
            mapped(first, nic, 0x1000, 0x30_0000, AllocFlag.PASID).setDevPasid(nic, PASID, Optional.empty());
            kept(rig, first);
            var scarce = new ScarceArena(rig.arena());
            rig.arena(real -> scarce);
            var second = rig.start();
            var again = Rig.probed(second, TestDevice.rich("nic", 20), NIC);
            scarce.failAfter(0);
            Rig.attach(second.blockedDomain(), again);
            assertThat(rig.read(NIC, PASID, 0x1000)).isNegative();
            second.adopted();
        }
    }

    @Test
    void aDeviceThatGoesMeanwhileTakesWhatItsPasidsHaveAlong() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            var nic = Rig.probed(first, TestDevice.rich("nic", 8), NIC);
            Rig.attach(mapped(first, nic, 0x1000, 0x20_0000), nic);
            mapped(first, nic, 0x1000, 0x30_0000, AllocFlag.PASID).setDevPasid(nic, 5, Optional.empty());
            kept(rig, first);
            var second = rig.start();
            var again = Rig.probed(second, TestDevice.rich("nic", 8), NIC);
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(0x30_0000);
            second.releaseDevice(again);
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            second.adopted();
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    @Test
    void hardwareThatDoesNotAnswerFailsTheTakeoverAndEveryStreamAborts() {
        try (var rig = Rig.full()) {
            var deaf = new AtomicBoolean();
            rig.registers(real -> WindowFilter.deaf(real, CmdqProdRegister.OFFSET, deaf));
            var first = rig.start();
            var nic = Rig.device(first, "nic", NIC);
            Rig.attach(mapped(first, nic, 0x1000, 0x20_0000), nic);
            kept(rig, first);
            var second = rig.start();
            deaf.set(true);
            assertErrno(Errno.ETIMEDOUT, second::adopted);
            deaf.set(false);
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            assertThat(rig.arena().allocatedBytes()).as("the fence, and nothing else").isEqualTo(4096);
        }
    }

    /** SMMU_STRTAB_BASE can't be changed while translation is on. */
    @Test
    void aTableWithoutRoomForAllStreamsIsReplacedWhileRequestsAbort() {
        try (var rig = Rig.full()) {
            var narrow = new AtomicBoolean(true);
            rig.registers(real -> WindowFilter.changed(real, Idr1Register.OFFSET,
                    idr1 -> narrow.get() ? Idr1Register.SIDSIZE.set(idr1, 9) : idr1));
            var first = rig.start();
            var nic = Rig.device(first, "nic", NIC);
            Rig.attach(mapped(first, nic, 0x1000, 0x20_0000), nic);
            kept(rig, first);
            narrow.set(false);
            var second = rig.start();
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            UnitLifeTest.translating(rig, second, 0x8000);
            second.adopted();
            assertThat(rig.read(0x8000, 0x1000)).isEqualTo(0x20_0000);
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    /** A linear table of a driver that makes no others, or a split that this one would not choose. */
    @Test
    void anyFormWithRoomForAllStreamsIsGoneOnWith() {
        for (var form : List.of(new StreamTableForm(false, 16, 0), new StreamTableForm(true, 16, 6), new StreamTableForm(true, 16, 10))) {
            try (var rig = Rig.full()) {
                var watch = new Watch(rig);
                long base = leaveBypassing(rig, form);
                rig.held();
                var second = rig.start();
                assertThat(second.registers()).anySatisfy(register -> {
                    assertThat(register.name()).isEqualTo("SMMU_STRTAB_BASE");
                    assertThat(register.value() & 0xff_ffff_f000L).isEqualTo(base);
                });
                var again = Rig.device(second, "nic", NIC);
                watch.watch(second, again, -1, 0x1000);
                Rig.attach(second.identityDomain().orElseThrow(), again);
                // Behind what the second-level table has room for.
                var disk = Rig.device(second, "disk", 0x30);
                Rig.attach(mapped(second, disk, 0x1000, 0x30_0000), disk);
                Rig.attach(mapped(second, again, 0x1000, 0x1000, AllocFlag.NEST_PARENT), again);
                second.adopted();
                assertThat(watch.seen).contains("hardware: 1000", "memory: physical address 0x1000").allMatch(seen -> seen.endsWith("1000"));
                assertThat(rig.read(0x30, 0x1000)).isEqualTo(0x30_0000);
                second.leave(LeavePolicy.BLOCK);
                assertThat(rig.arena().allocatedBytes()).isEqualTo(Math.max(4096, form.firstBytes()));
            }
        }
    }

    /** What another driver may leave: a table in which one stream passes, with a second level no larger than that takes. */
    private static long leaveBypassing(Rig rig, StreamTableForm form) {
        long base = rig.arena().allocate(form.firstBytes());
        long table = base;
        int span = 6;
        if (form.twoLevel()) {
            table = rig.arena().allocate(64L << span - 1);
            rig.memory().set64(base, table | span);
        }
        rig.memory().set64(table + 64 * NIC, 0b1001);
        rig.registers().write64(StrtabBaseRegister.OFFSET, base);
        rig.registers().write32(StrtabBaseCfgRegister.OFFSET, (int) form.register());
        rig.registers().write32(Cr0Register.OFFSET, (int) Cr0Register.SMMUEN.mask());
        assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x1000);
        return base;
    }
}
